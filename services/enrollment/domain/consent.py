"""Consents to the use of personal data: who gave it, for what, when, and until when (PIPL 14, 15).

School records rest on a duty by law and need none (PIPL 13(3)). Under 14 a guardian consents to
everything (PIPL 28, 31); for some purposes a guardian consents under 18.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.guardian import Guardian
from services.enrollment.domain.guardian import State as GuardianState
from services.enrollment.domain.person_refusals import (
    ConsentAlreadyGiven,
    ConsentDateInFuture,
    ConsentNotGiven,
    GuardianNeeded,
    NotGuardian,
)
from services.enrollment.domain.policies import PolicyTable


class State(StrEnum):
    """States of a consent."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"


class Purpose(StrEnum):
    """For what a consent is needed."""

    SENSITIVE_DATA = "SENSITIVE_DATA"
    DATA_OF_MINOR = "DATA_OF_MINOR"
    ENTERPRISE = "ENTERPRISE"
    INTERNSHIP = "INTERNSHIP"
    PUBLICITY = "PUBLICITY"


@dataclass(kw_only=True)
class Consent(Aggregate):
    """One consent; a withdrawn one is never given again, another one is."""

    id: UUID
    state: State
    person_id: UUID
    parties: list[str]
    # Who gave it; None where the person did.
    guardian_id: UUID | None
    purpose: Purpose
    give_date: date
    withdraw_date: date | None = None
    evidence_sha256: str

    @classmethod
    def give(
        cls,
        *,
        new_id: UUID,
        person_id: UUID,
        parties: list[str],
        guardian_id: UUID | None,
        purpose: Purpose,
        give_date: date,
        evidence_sha256: str,
    ) -> Self:
        """Record a consent; whether its giver may give it is checked by `check_giver`."""
        consent = cls(
            id=new_id,
            state=State.GIVEN,
            person_id=person_id,
            parties=parties,
            guardian_id=guardian_id,
            purpose=purpose,
            give_date=give_date,
            evidence_sha256=evidence_sha256,
        )
        consent._happened(Event.CONSENT_GIVEN)
        return consent

    def withdraw(self, *, on: date) -> None:
        """Withdraw it (PIPL 15): as easy as giving it, and what was done before stays lawful."""
        if self.state is not State.GIVEN:
            raise ConsentNotGiven
        self.state = State.WITHDRAWN
        self.withdraw_date = on
        self._happened(Event.CONSENT_WITHDRAWN)


def check_giver(
    policies: PolicyTable,
    *,
    purpose: Purpose,
    birth_date: date,
    give_date: date,
    guardian: Guardian | None,
    person_id: UUID,
    today: date,
) -> None:
    """Raise a refusal unless whoever consents may, at the person's age of that day."""
    if give_date > today:
        raise ConsentDateInFuture
    if guardian is not None:
        if (guardian.person_id, guardian.state) != (person_id, GuardianState.CURRENT):
            raise NotGuardian
        return
    age = guardian_age(policies, purpose=purpose, on=give_date)
    if age_at(birth_date, give_date) < age:
        raise GuardianNeeded(age=str(age))


def guardian_age(policies: PolicyTable, *, purpose: Purpose, on: date) -> int:
    """Return the age under which a guardian must consent: by the purpose, at least that of all."""
    below = policies.number("persons.guardian_consent_age", on=on)
    purposes = policies.texts("persons.guardian_consent_purposes", on=on)
    majority = policies.number("persons.majority_age", on=on)
    return max(below, majority) if purpose in purposes else below


def age_at(birth_date: date, on: date) -> int:
    """Return full years (周岁): a person is a year older on the day after the birthday (GK)."""
    has_passed = (on.month, on.day) > (birth_date.month, birth_date.day)
    return on.year - birth_date.year - (not has_passed)


def check_none_holds(held: Consent | None) -> None:
    """Raise ConsentAlreadyGiven if a consent for the purpose holds."""
    if held is not None:
        raise ConsentAlreadyGiven(name=f"consents/{held.id}")
