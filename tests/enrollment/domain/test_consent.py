"""Who consents for whom, as a registrar would read the rules: rule, source, case, verdict."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain.consent import Consent, Purpose, age_at, check_giver
from services.enrollment.domain.guardian import Guardian, SealedGuardian
from services.enrollment.domain.person_refusals import (
    ConsentDateInFuture,
    ConsentNotGiven,
    GuardianNeeded,
    GuardianNotCurrent,
    NotGuardian,
)
from services.enrollment.edge.policies import load_policies
from tests.enrollment import made

POLICIES = load_policies()
PERSON = UUID(int=1)
BORN = date(2008, 3, 14)


def guardian(person_id: UUID = PERSON, *, ended: bool = False) -> Guardian:
    sealed = SealedGuardian(display_name=b"name", relation=b"relation", phone=b"phone")
    made_guardian = Guardian.record(
        sealed, new_id=uuid4(), person_id=person_id, parties=[made.FRONT]
    )
    made_guardian.event = None
    if ended:
        made_guardian.end()
    return made_guardian


@pytest.mark.parametrize(
    ("purpose", "give_date", "who", "verdict"),
    [
        # Under 14 a guardian consents to everything (PIPL 28, 31).
        (Purpose.ENTERPRISE, date(2022, 3, 13), None, GuardianNeeded),
        (Purpose.SENSITIVE_DATA, date(2022, 3, 14), None, GuardianNeeded),
        (Purpose.DATA_OF_MINOR, date(2022, 3, 13), guardian(), None),
        # From 14 on the person does, but for purposes that need a guardian under 18.
        (Purpose.ENTERPRISE, date(2022, 3, 15), None, None),
        (Purpose.SENSITIVE_DATA, date(2022, 3, 15), None, None),
        (Purpose.INTERNSHIP, date(2022, 3, 15), None, GuardianNeeded),
        (Purpose.INTERNSHIP, date(2026, 3, 14), None, GuardianNeeded),
        (Purpose.INTERNSHIP, date(2026, 3, 15), None, None),
        (Purpose.INTERNSHIP, date(2024, 9, 1), guardian(), None),
        # Only a current guardian of this very person.
        (Purpose.INTERNSHIP, date(2024, 9, 1), guardian(ended=True), NotGuardian),
        (Purpose.INTERNSHIP, date(2024, 9, 1), guardian(uuid4()), NotGuardian),
        # Not in advance.
        (Purpose.ENTERPRISE, date(2026, 12, 2), guardian(), ConsentDateInFuture),
    ],
)
def test_a_consent_is_given_by_who_may(
    purpose: Purpose,
    give_date: date,
    who: Guardian | None,
    verdict: type[DomainError] | None,
) -> None:
    def check() -> None:
        check_giver(
            POLICIES,
            purpose=purpose,
            birth_date=BORN,
            give_date=give_date,
            guardian=who,
            person_id=PERSON,
            today=date(2026, 12, 1),
        )

    if verdict is None:
        check()
    else:
        with pytest.raises(verdict):
            check()


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2008, 3, 14), date(2022, 3, 14), 13),
        (date(2008, 3, 14), date(2022, 3, 15), 14),
        (date(2008, 2, 29), date(2022, 2, 28), 13),
        (date(2008, 2, 29), date(2022, 3, 1), 14),
        (date(2008, 12, 31), date(2022, 12, 31), 13),
        (date(2008, 12, 31), date(2023, 1, 1), 14),
    ],
)
def test_a_person_is_a_year_older_from_the_day_after_the_birthday(
    born: date, on: date, age: int
) -> None:
    assert age_at(born, on) == age


def test_a_consent_is_withdrawn_once() -> None:
    consent = Consent.give(
        new_id=uuid4(),
        person_id=PERSON,
        parties=[made.FRONT],
        guardian_id=None,
        purpose=Purpose.ENTERPRISE,
        give_date=date(2024, 1, 1),
        evidence_sha256="00" * 32,
    )
    consent.event = None
    consent.withdraw(on=date(2024, 2, 1))
    with pytest.raises(ConsentNotGiven):
        consent.withdraw(on=date(2024, 2, 2))


def test_a_guardianship_ends_once() -> None:
    ended = guardian(ended=True)
    with pytest.raises(GuardianNotCurrent):
        ended.end()
