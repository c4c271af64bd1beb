"""What is planned of an internship, and the rules that hold before anybody signs. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.enrollment.domain.consent import age_at
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State as CooperationState
from services.enrollment.domain.internship_point import InternshipPoint, check_employer
from services.enrollment.domain.internship_refusals import (
    CooperationNotOfInternship,
    FilingNumberMissing,
    IntermediaryRefused,
    InternNotInSchool,
    InternshipDatesWrong,
    InternshipUnpaid,
    InternTooYoung,
    LengthReasonMissing,
    PostNotMatched,
)
from services.enrollment.domain.organisation import Organisation
from services.enrollment.domain.policies import Place, PolicyTable
from services.enrollment.domain.status_record import Stage, State, StatusRecord
from services.enrollment.domain.terms import add_months

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDetails:
    """What is personal of an internship, sealed with the student's key."""

    display_name: bytes
    pay_fen: bytes
    school_mentor: bytes
    enterprise_mentor: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a school plans for a student; the plan is checked before it is one of an internship."""

    record: StatusRecord
    point: InternshipPoint
    employer: Organisation
    # The codes that the student's major has on the first day: it may have been renamed.
    major_codes: Collection[str]
    place: Place
    birth_date: date
    start_date: date
    end_date: date
    is_paid: bool
    # Who else arranges or manages it: nobody may.
    intermediary: str
    length_reason: str
    filing_number: str
    # Of the school; None where it belongs to none.
    cooperation: Cooperation | None
    sealed: SealedDetails

    @property
    def person_id(self) -> UUID:
        return self.record.person_id

    @property
    def status_record_id(self) -> UUID:
        return self.record.id

    @property
    def organisation(self) -> str:
        return self.record.organisation

    @property
    def enterprise(self) -> str:
        return self.employer.id

    @property
    def point_id(self) -> UUID:
        return self.point.id

    @property
    def cooperation_id(self) -> UUID | None:
        return self.cooperation.id if self.cooperation else None

    @property
    def is_front_stage(self) -> bool:
        return self.record.stage is Stage.FRONT

    @property
    def major_code(self) -> str:
        """The code under which post and student meet, or else one of the student's."""
        common = set(self.major_codes).intersection(self.point.major_codes)
        return min(common or self.major_codes)

    def check(self, policies: PolicyTable) -> None:
        """Raise the refusal of the first rule that the plan breaks."""
        if self.intermediary:
            raise IntermediaryRefused
        if not self.is_paid:
            raise InternshipUnpaid
        if self.end_date < self.start_date:
            raise InternshipDatesWrong(
                end_date=self.end_date.isoformat(), earliest_date=self.start_date.isoformat()
            )
        check_length(self, policies)
        self._check_student(policies)
        check_employer(self.employer, on=self.end_date)
        self.point.check_open(self.start_date, self.end_date)
        self._check_cooperation()
        if self.major_code not in self.point.major_codes:
            raise PostNotMatched(
                major_codes="、".join(self.point.major_codes) or "-", major_code=self.major_code
            )

    def _check_cooperation(self) -> None:
        cooperation = self.cooperation
        if cooperation is None:
            return
        is_in_force = cooperation.state is CooperationState.IN_FORCE
        if not is_in_force or self.enterprise not in cooperation.enterprises:
            raise CooperationNotOfInternship(
                name=f"cooperations/{cooperation.id}", enterprise=self.enterprise
            )

    def _check_student(self, policies: PolicyTable) -> None:
        if (
            self.record.state is not State.IN_SCHOOL
            or self.start_date < self.record.valid_from_date
        ):
            raise InternNotInSchool(state=self.record.state, start_date=self.start_date.isoformat())
        age = policies.number("internships.age_years_min", on=self.start_date)
        if age_at(self.birth_date, self.start_date) < age:
            raise InternTooYoung(start_date=self.start_date.isoformat(), age=str(age))


def check_length(plan: Plan, policies: PolicyTable) -> None:
    """Refuse what is longer than it may be without filing, or than usual without a reason.

    A student of the front stage of a pathway is at work at most six months without filing (GD19);
    岗位实习 takes six months in general (SXGL).
    """
    if plan.is_front_stage and not plan.filing_number:
        months = filing_months(policies, on=plan.start_date, place=plan.place)
        if plan.end_date > _last_day(plan.start_date, months):
            raise FilingNumberMissing(months=str(months))
    months = policies.number("internships.months_usual", on=plan.start_date, place=plan.place)
    is_explained = plan.length_reason or plan.filing_number
    if plan.end_date > _last_day(plan.start_date, months) and not is_explained:
        raise LengthReasonMissing(months=str(months))


def filing_months(policies: PolicyTable, *, on: date, place: Place) -> int:
    """Return how many months need no filing at the front stage."""
    return policies.number("internships.front_stage_months_max", on=on, place=place)


def _last_day(first: date, months: int) -> date:
    return add_months(first, months) - _DAY
