"""个人学习账号 (S3): what a person has gathered, by a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from services.enrollment.domain.learning_outcome import (
    VERIFIED,
    Kind,
    LearningOutcome,
    State,
    each_once,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningAccount:
    """The balance of a person's outcomes, as they were known at the end of a day."""

    person_id: UUID
    at_date: date
    outcomes_count: int
    # Recognised, and in no account yet.
    recognised_credit_tenths: int
    # In the account, to be converted.
    accumulated_credit_tenths: int
    converted_credit_tenths: int
    # Of outcomes that are verified.
    internship_hours: int
    apprenticeship_hours: int
    training_hours: int

    @classmethod
    def of(cls, outcomes: Iterable[LearningOutcome], *, person_id: UUID, at_date: date) -> Self:
        """Add up the outcomes as they were known on a day, each once."""
        known = each_once(outcomes)
        recognised = {
            state: sum(each.recognised_credit_tenths for each in known if each.state is state)
            for state in (State.RECOGNISED, State.ACCUMULATED)
        }
        verified = [each for each in known if each.state in VERIFIED]
        work = [each for each in verified if each.kind is Kind.INTERNSHIP]
        return cls(
            person_id=person_id,
            at_date=at_date,
            outcomes_count=len(known),
            recognised_credit_tenths=recognised[State.RECOGNISED],
            accumulated_credit_tenths=recognised[State.ACCUMULATED],
            converted_credit_tenths=sum(
                each.converted_credit_tenths for each in known if each.state is State.CONVERTED
            ),
            internship_hours=sum(each.hours for each in work if not each.is_apprenticeship),
            apprenticeship_hours=sum(each.hours for each in work if each.is_apprenticeship),
            training_hours=sum(each.hours for each in verified if each.kind is Kind.TRAINING),
        )
