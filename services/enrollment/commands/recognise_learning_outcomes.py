"""Recognises learning outcomes for courses of the caller's school."""

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
class RecogniseLearningOutcome(Target):
    """A verified outcome, and what the school recognises it for."""

    # Empty: the outcome's own title.
    achievement: str
    target_course: str
    relevance_percent: int
    credit_tenths: int


async def recognise_learning_outcomes(
    tx: db.Transaction, items: Sequence[RecogniseLearningOutcome], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Recognise those that no rule refuses."""

    def recognise(outcome: LearningOutcome, item: RecogniseLearningOutcome) -> None:
        outcome.recognise(
            party=caller.organisation,
            achievement=item.achievement,
            target_course=item.target_course,
            relevance_percent=item.relevance_percent,
            credit_tenths=item.credit_tenths,
            today=civil_date(now),
        )

    return await attest(tx, items, recognise, caller=caller)
