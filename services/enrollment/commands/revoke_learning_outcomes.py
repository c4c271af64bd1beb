"""Revokes learning outcomes: each by a version that points back at the last one."""

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
class RevokeLearningOutcome(Target):
    """An outcome to revoke, and why."""

    reason: str


async def revoke_learning_outcomes(
    tx: db.Transaction, items: Sequence[RevokeLearningOutcome], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Revoke those that no rule refuses."""

    def revoke(outcome: LearningOutcome, item: RevokeLearningOutcome) -> None:
        outcome.revoke(party=caller.organisation, reason=item.reason, today=civil_date(now))

    return await attest(tx, items, revoke, caller=caller)
