"""岗位实习: a student works at a post of an enterprise, under an agreement of three parties.

From the plan over the three signatures to its end. The school keeps it; an enterprise signs for
itself, if it does so here. What is personal is sealed with the student's key. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.consent import Consent, Purpose, age_at, guardian_age
from services.enrollment.domain.events import Event
from services.enrollment.domain.internship_plan import Plan, filing_months
from services.enrollment.domain.internship_refusals import (
    AgreementDiffers,
    AlreadySigned,
    BreakOffDateWrong,
    FilingNumberMissing,
    GuardianConsentMissing,
    InternNotInSchool,
    InternshipDatesWrong,
    InternshipNotAtStep,
    InternshipNotDue,
    InternshipOverlaps,
    NotSchoolOfInternship,
    SignDateWrong,
    SignerNotEntitled,
)
from services.enrollment.domain.policies import Place, PolicyTable
from services.enrollment.domain.status_record import State as RecordState

_DAY = timedelta(days=1)


class State(StrEnum):
    """States of an internship."""

    PLANNED = "PLANNED"
    AGREED = "AGREED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    BROKEN_OFF = "BROKEN_OFF"


class Signer(StrEnum):
    """The three parties of the agreement (SXGL)."""

    SCHOOL = "SCHOOL"
    ENTERPRISE = "ENTERPRISE"
    STUDENT = "STUDENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An extension, under the number by which it was filed."""

    previous_end_date: date
    end_date: date
    filing_number: str
    extend_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Minority:
    """What says whether a guardian has to consent, and has."""

    policies: PolicyTable
    birth_date: date
    # The consent to internships that holds, if one does.
    consent: Consent | None


@dataclass(kw_only=True)
class Internship(Aggregate):
    """One internship; its days are those from the first to the last, both included."""

    id: UUID
    state: State
    # Whose turn it is; empty when it is over.
    holder: str
    person_id: UUID
    status_record_id: UUID
    organisation: str
    enterprise: str
    point_id: UUID
    major_code: str
    is_front_stage: bool
    start_date: date
    end_date: date
    length_reason: str
    filing_number: str
    cooperation_id: UUID | None
    sealed_display_name: bytes
    sealed_pay_fen: bytes
    sealed_school_mentor: bytes
    sealed_enterprise_mentor: bytes
    agreement_sha256: str = ""
    school_sign_date: date | None = None
    enterprise_sign_date: date | None = None
    student_sign_date: date | None = None
    guardian_consent_id: UUID | None = None
    run_date: date | None = None
    complete_date: date | None = None
    # It holds the hours: they are kept once.
    learning_outcome_id: UUID | None = None
    break_off_date: date | None = None
    break_off_reason: str = ""
    extensions: list[Extension] = field(default_factory=list)

    @classmethod
    def plan(
        cls, plan: Plan, *, new_id: UUID, policies: PolicyTable, others: Iterable["Internship"]
    ) -> Self:
        """Plan an internship; `others` are those that the student has or had."""
        plan.check(policies)
        check_apart(plan.start_date, plan.end_date, others)
        internship = cls(
            id=new_id,
            state=State.PLANNED,
            holder=plan.organisation,
            person_id=plan.person_id,
            status_record_id=plan.status_record_id,
            organisation=plan.organisation,
            enterprise=plan.enterprise,
            point_id=plan.point_id,
            major_code=plan.major_code,
            is_front_stage=plan.is_front_stage,
            start_date=plan.start_date,
            end_date=plan.end_date,
            length_reason=plan.length_reason,
            filing_number=plan.filing_number,
            cooperation_id=plan.cooperation_id,
            sealed_display_name=plan.sealed.display_name,
            sealed_pay_fen=plan.sealed.pay_fen,
            sealed_school_mentor=plan.sealed.school_mentor,
            sealed_enterprise_mentor=plan.sealed.enterprise_mentor,
        )
        internship._happened(Event.INTERNSHIP_PLANNED)
        return internship

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day at work; None if the work never began."""
        if self.state is not State.BROKEN_OFF:
            return self.start_date, self.end_date
        return (self.start_date, self.break_off_date) if self.break_off_date else None

    def sign(
        self,
        signer: Signer,
        *,
        party: str,
        sign_date: date,
        agreement_sha256: str,
        minority: Minority,
        today: date,
    ) -> None:
        """Record a signature under the agreement with a hash; the last one makes it AGREED.

        The agreement is of three parties, and signed before the work begins (SXGL); who is under
        age on the first day has a guardian's consent by then.
        """
        self._check_at(State.PLANNED)
        if party != self.organisation and (signer, party) != (Signer.ENTERPRISE, self.enterprise):
            raise SignerNotEntitled(party=party)
        earlier = self._sign_dates()[signer]
        if earlier is not None:
            raise AlreadySigned(sign_date=earlier.isoformat())
        latest = min(today, self.start_date)
        if sign_date > latest:
            raise SignDateWrong(sign_date=sign_date.isoformat(), latest_date=latest.isoformat())
        if self.agreement_sha256 not in {"", agreement_sha256}:
            raise AgreementDiffers(expected_sha256=self.agreement_sha256)
        self.agreement_sha256 = agreement_sha256
        setattr(self, f"{signer.lower()}_sign_date", sign_date)
        missing = [each for each, day in self._sign_dates().items() if day is None]
        self.holder = self.enterprise if missing[:1] == [Signer.ENTERPRISE] else self.organisation
        if missing:
            self._happened(Event.INTERNSHIP_SIGNED)
            return
        self.guardian_consent_id = self._guardian_consent(minority)
        self.state = State.AGREED
        self._happened(Event.INTERNSHIP_AGREED)

    def start(
        self, *, party: str, record_state: RecordState, minority: Minority, today: date
    ) -> None:
        """Begin the work, on its first day or later; a consent that was withdrawn is none."""
        self._check_school(party)
        self._check_at(State.AGREED)
        if not self.start_date <= today <= self.end_date:
            raise InternshipNotDue(
                first_date=self.start_date.isoformat(), last_date=self.end_date.isoformat()
            )
        if record_state is not RecordState.IN_SCHOOL:
            raise InternNotInSchool(state=record_state, start_date=self.start_date.isoformat())
        self.guardian_consent_id = self._guardian_consent(minority)
        self.run_date = today
        self.state = State.RUNNING
        self._happened(Event.INTERNSHIP_STARTED)

    def extend(
        self,
        *,
        party: str,
        end_date: date,
        filing_number: str,
        policies: PolicyTable,
        place: Place,
        others: Iterable["Internship"],
        today: date,
    ) -> None:
        """Move the last day on, as it was filed (GD19)."""
        self._check_school(party)
        self._check_at(State.RUNNING)
        if end_date <= self.end_date:
            raise InternshipDatesWrong(
                end_date=end_date.isoformat(), earliest_date=(self.end_date + _DAY).isoformat()
            )
        if not filing_number:
            months = filing_months(policies, on=self.start_date, place=place)
            raise FilingNumberMissing(months=str(months))
        check_apart(self.start_date, end_date, (each for each in others if each.id != self.id))
        self.extensions = [
            *self.extensions,
            Extension(
                previous_end_date=self.end_date,
                end_date=end_date,
                filing_number=filing_number,
                extend_date=today,
            ),
        ]
        self.end_date = end_date
        self._happened(Event.INTERNSHIP_EXTENDED)

    def complete(self, *, party: str, learning_outcome_id: UUID | None, today: date) -> None:
        """Come to the end, on the last day or later; the hours are the outcome's to hold."""
        self.check_completable(party=party, today=today)
        self.complete_date = today
        self.learning_outcome_id = learning_outcome_id
        self._close(State.COMPLETED, Event.INTERNSHIP_COMPLETED)

    def check_completable(self, *, party: str, today: date) -> None:
        """Raise the refusal of what keeps the internship from being completed."""
        self._check_school(party)
        self._check_at(State.RUNNING)
        if today < self.end_date:
            raise InternshipNotDue(first_date=self.end_date.isoformat(), last_date="-")

    def break_off(
        self, *, party: str, break_off_date: date | None, reason: str, today: date
    ) -> None:
        """End before the time; one that is not running had no day at work."""
        self._check_school(party)
        self._check_at(State.PLANNED, State.AGREED, State.RUNNING)
        if self.state is State.RUNNING:
            last = min(today, self.end_date)
            if break_off_date is None or not self.start_date <= break_off_date <= last:
                raise BreakOffDateWrong(
                    break_off_date=break_off_date.isoformat() if break_off_date else "-",
                    first_date=self.start_date.isoformat(),
                    last_date=last.isoformat(),
                )
            self.break_off_date = break_off_date
        self.break_off_reason = reason
        self._close(State.BROKEN_OFF, Event.INTERNSHIP_BROKEN_OFF)

    def _sign_dates(self) -> dict[Signer, date | None]:
        return {each: getattr(self, f"{each.lower()}_sign_date") for each in Signer}

    def _guardian_consent(self, minority: Minority) -> UUID | None:
        """Return the consent that is needed; raises GuardianConsentMissing if there is none."""
        age = guardian_age(minority.policies, purpose=Purpose.INTERNSHIP, on=self.start_date)
        if age_at(minority.birth_date, self.start_date) >= age:
            return None
        consent = minority.consent
        if consent is None or consent.guardian_id is None or consent.give_date > self.start_date:
            raise GuardianConsentMissing(start_date=self.start_date.isoformat(), age=str(age))
        return consent.id

    def _check_school(self, party: str) -> None:
        if party != self.organisation:
            raise NotSchoolOfInternship(party=party)

    def _check_at(self, *states: State) -> None:
        if self.state not in states:
            raise InternshipNotAtStep(state=self.state, needed=", ".join(states))

    def _close(self, state: State, event: Event) -> None:
        self.state = state
        self.holder = ""
        self._happened(event)


def check_apart(first_date: date, last_date: date, others: Iterable[Internship]) -> None:
    """Raise InternshipOverlaps if the student is at another post on one of the days."""
    for other in others:
        if other.days and other.days[0] <= last_date and first_date <= other.days[1]:
            raise InternshipOverlaps(
                name=f"internships/{other.id}",
                start_date=other.days[0].isoformat(),
                end_date=other.days[1].isoformat(),
            )
