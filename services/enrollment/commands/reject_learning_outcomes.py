"""Rejects learning outcomes that are not what they say."""

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
class RejectLearningOutcome(Target):
    """An outcome to reject, and why."""

    reason: str


async def reject_learning_outcomes(
    tx: db.Transaction, items: Sequence[RejectLearningOutcome], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Reject those that no rule refuses."""

    def reject(outcome: LearningOutcome, item: RejectLearningOutcome) -> None:
        outcome.reject(reason=item.reason, today=civil_date(now))

    return await attest(tx, items, reject, caller=caller)
