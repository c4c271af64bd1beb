"""Puts the credits of recognised learning outcomes into their persons' accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.attesting import attest
from services.enrollment.commands.changing import Target
from services.enrollment.domain.learning_outcome import LearningOutcome


@dataclass(frozen=True, kw_only=True)
class AccumulateLearningOutcome(Target):
    """A recognised outcome to put into the account."""


async def accumulate_learning_outcomes(
    tx: db.Transaction, items: Sequence[AccumulateLearningOutcome], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Accumulate those that no rule refuses."""

    def accumulate(outcome: LearningOutcome, _item: AccumulateLearningOutcome) -> None:
        outcome.accumulate(party=caller.organisation, today=civil_date(now))

    return await attest(tx, items, accumulate, caller=caller)
