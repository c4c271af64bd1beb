"""Confirms that learning outcomes are what they say; another than who declared does."""

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
class VerifyLearningOutcome(Target):
    """A declared outcome to confirm."""


async def verify_learning_outcomes(
    tx: db.Transaction, items: Sequence[VerifyLearningOutcome], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Verify those that no rule refuses."""

    def verify(outcome: LearningOutcome, _item: VerifyLearningOutcome) -> None:
        outcome.verify(party=caller.organisation, actor=caller.subject, today=civil_date(now))

    return await attest(tx, items, verify, caller=caller)
