"""学籍: that a person studies at an organisation, from when to when, and how it ended.

A record is held from a day to a day, both included, and each day of it has one status: the
present one begins on a day, and the past ones are kept as periods that follow each other without
gap or overlap.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.events import Event
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.refusals import (
    GraduationBeforeEntry,
    NotRecordHolder,
    StudentNotInSchool,
)
from services.enrollment.domain.status_refusals import EffectiveBeforePresentStatus
from services.enrollment.domain.student_status import (
    IN_SCHOOL,
    STATUS_CODES,
    StudentStatus,
)

_DAY = timedelta(days=1)


class State(StrEnum):
    """States of a status record."""

    IN_SCHOOL = "IN_SCHOOL"
    GRADUATED = "GRADUATED"
    ENDED = "ENDED"
    # On the books or missed, and not in school: 休学, 保留学籍, 公派出国 ...
    AWAY = "AWAY"


class Stage(StrEnum):
    """Stages of a pathway."""

    FRONT = "FRONT"
    BACK = "BACK"
    # Of no pathway: after a 转学 (GD19).
    OUTSIDE = "OUTSIDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPeriod:
    """From when to when, both days included, a past status of a record held, and where."""

    status: StudentStatus
    major_code: str
    class_name: str
    grade_year: int
    valid_from_date: date
    valid_to_date: date
    change_id: UUID | None


@dataclass(kw_only=True)
class StatusRecord(Aggregate):
    """One registration of one person at one organisation, seen by both schools of the pathway."""

    id: UUID
    state: State
    person_id: UUID
    organisation: str
    front: str
    back: str
    level: Level
    stage: Stage
    # None outside of pathways.
    project_id: UUID | None
    member_id: UUID | None
    major_code: str
    class_name: str
    # 年级: the year of those with whom the student studies.
    grade_year: int
    # 学制.
    years: int
    status: StudentStatus = StudentStatus.STUDYING
    status_from_date: date
    # The change that led to the present status.
    change_id: UUID | None = None
    # Of 核准: only it gives 学籍 (XJE).
    register_date: date | None = None
    valid_from_date: date
    valid_to_date: date | None = None
    sealed_diploma_number: bytes = b""
    graduate_date: date | None = None
    application_id: UUID | None = None
    # Of 结业 or 肄业.
    sealed_certificate_number: bytes = b""
    past_periods: list[StatusPeriod] = field(default_factory=list)
    # How many of them are stored.
    stored_periods_count: int = 0

    @classmethod
    def open_front(
        cls,
        *,
        new_id: UUID,
        member: CohortMember,
        cohort: Cohort,
        project: PathwayProject,
    ) -> Self:
        """Open the record at the front school, valid from the day of intake."""
        record = cls(
            id=new_id,
            state=State.IN_SCHOOL,
            person_id=member.person_id,
            organisation=project.front,
            front=project.front,
            back=project.back,
            level=project.front_level,
            stage=Stage.FRONT,
            project_id=project.id,
            member_id=member.id,
            major_code=project.front_major_code,
            class_name=member.class_name,
            grade_year=cohort.intake_date.year,
            years=project.front_years,
            status_from_date=cohort.intake_date,
            valid_from_date=cohort.intake_date,
        )
        record._happened(Event.STATUS_RECORD_OPENED)
        return record

    @classmethod
    def open_back(
        cls,
        *,
        new_id: UUID,
        member: CohortMember,
        project: PathwayProject,
        application_id: UUID,
        arrive_date: date,
    ) -> Self:
        """Open a new record at the back college: 转段 is an admission, no 转学 (JS18)."""
        record = cls(
            id=new_id,
            state=State.IN_SCHOOL,
            person_id=member.person_id,
            organisation=project.back,
            front=project.front,
            back=project.back,
            level=project.back_level,
            stage=Stage.BACK,
            project_id=project.id,
            member_id=member.id,
            major_code=project.back_major_code,
            class_name="",
            grade_year=arrive_date.year,
            years=project.back_years,
            status_from_date=arrive_date,
            valid_from_date=arrive_date,
            application_id=application_id,
        )
        record._happened(Event.STATUS_RECORD_OPENED)
        return record

    def receive(
        self, *, new_id: UUID, organisation: str, major_code: str, on: date, change_id: UUID
    ) -> "StatusRecord":
        """Open the record at the school that receives the student of this one (21 and 22).

        It is of no pathway: who changes school loses the identity (GD19).
        """
        record = StatusRecord(
            id=new_id,
            state=State.IN_SCHOOL,
            person_id=self.person_id,
            organisation=organisation,
            front=organisation,
            back=organisation,
            level=self.level,
            stage=Stage.OUTSIDE,
            project_id=None,
            member_id=None,
            major_code=major_code,
            class_name="",
            grade_year=self.grade_year,
            years=self.years,
            status_from_date=on,
            change_id=change_id,
            # The number, and with it the registration, goes along (HN: one number for life).
            register_date=self.register_date,
            valid_from_date=on,
        )
        record._happened(Event.STATUS_RECORD_OPENED)
        return record

    @property
    def status_code(self) -> str:
        """学生当前状态 by JY/T 1001."""
        return STATUS_CODES[self.status]

    @property
    def has_diploma(self) -> bool:
        """Whether the stage was graduated from with a diploma: what the back stage demands."""
        return self.state is State.GRADUATED and bool(self.sealed_diploma_number)

    @property
    def is_open(self) -> bool:
        """Whether the student is still on the books, in school or not."""
        return self.state in {State.IN_SCHOOL, State.AWAY}

    @property
    def graduation_year(self) -> int:
        """The year in which those of the same year of study graduate."""
        return self.grade_year + self.years

    def held_away_since(self, status: StudentStatus) -> date:
        """Return since when, without a break, the student has been in a status that is present."""
        since = self.status_from_date
        for period in reversed(self.past_periods):
            if period.status is not status or period.valid_to_date + _DAY != since:
                break
            since = period.valid_from_date
        return since

    def register(self, *, on: date) -> None:
        """Note 核准, by which the record becomes a 学籍 (XJE)."""
        self.register_date = on
        self._happened(Event.STATUS_RECORD_REGISTERED)

    def reassign(
        self, *, person_id: UUID, sealed_diploma_number: bytes, sealed_certificate_number: bytes
    ) -> None:
        """Follow the merge or split of the person, sealed with that one's key; all else stays."""
        self.person_id = person_id
        self.sealed_diploma_number = sealed_diploma_number
        self.sealed_certificate_number = sealed_certificate_number
        self._happened(Event.STATUS_RECORD_REASSIGNED)

    def graduate(self, *, party: str, sealed_diploma_number: bytes, graduate_date: date) -> None:
        """Record the graduation; it does not depend on the outcome of a transfer."""
        if party != self.organisation:
            raise NotRecordHolder(party=party)
        if self.state is not State.IN_SCHOOL:
            raise StudentNotInSchool(state=self.state)
        if graduate_date < self.valid_from_date:
            raise GraduationBeforeEntry(
                graduate_date=graduate_date.isoformat(),
                valid_from_date=self.valid_from_date.isoformat(),
            )
        self._hold(StudentStatus.GRADUATED, first_date=graduate_date + _DAY)
        self.state = State.GRADUATED
        self.sealed_diploma_number = sealed_diploma_number
        self.graduate_date = graduate_date
        self.valid_to_date = graduate_date
        self._happened(Event.STUDENT_GRADUATED)

    def conclude(
        self,
        status: StudentStatus,
        *,
        party: str,
        sealed_certificate_number: bytes,
        conclude_date: date,
    ) -> None:
        """End the record without a diploma: 结业 (08) or 肄业 (09), with its certificate.

        Without a front diploma nobody is registered at the back stage (SDjn).
        """
        if party != self.organisation:
            raise NotRecordHolder(party=party)
        if self.state is not State.IN_SCHOOL:
            raise StudentNotInSchool(state=self.state)
        self._hold(status, first_date=conclude_date + _DAY)
        self.state = State.ENDED
        self.valid_to_date = conclude_date
        self.sealed_certificate_number = sealed_certificate_number
        is_completed = status is StudentStatus.COMPLETED
        self._happened(Event.STUDENT_COMPLETED if is_completed else Event.STUDENT_ATTENDED)

    def place(self, class_name: str, *, on: date) -> None:
        """Follow the member into another class of the cohort, without a change of status."""
        change_id = self.change_id
        self._hold(self.status, first_date=max(on, self.status_from_date))
        self.change_id = change_id
        self.class_name = class_name
        self._happened(Event.STUDENT_PLACED)

    def end(self, *, on: date) -> None:
        """End the record without graduation, never before it began: its last day is `on`."""
        if not self.is_open:
            raise StudentNotInSchool(state=self.state)
        self._end(StudentStatus.CANCELLED, last_date=max(on, self.status_from_date))

    def leave(self, status: StudentStatus, *, on: date, change_id: UUID) -> None:
        """End the record by a change: from `on` the student is on the books no more."""
        if on <= self.valid_from_date:
            raise EffectiveBeforePresentStatus(
                effective_date=on.isoformat(), status_from_date=self.valid_from_date.isoformat()
            )
        self._end(status, last_date=on - _DAY)
        self.change_id = change_id

    def study(
        self,
        status: StudentStatus,
        *,
        on: date,
        change_id: UUID,
        major_code: str = "",
        class_name: str = "",
        grade_shift: int = 0,
        years_shift: int = 0,
    ) -> None:
        """Hold a status from a day, and study elsewhere within the school if the change says so."""
        was_in_school = self.state is State.IN_SCHOOL
        self._hold(status, first_date=on)
        self.change_id = change_id
        self.major_code = major_code or self.major_code
        self.class_name = class_name or self.class_name
        self.grade_year += grade_shift
        self.years += years_shift
        self.state = State.IN_SCHOOL if status in IN_SCHOOL else State.AWAY
        if self.state is State.AWAY:
            self._happened(Event.STUDENT_SUSPENDED)
        elif was_in_school:
            self._happened(Event.STUDENT_PLACED)
        else:
            self._happened(Event.STUDENT_RETURNED)

    def _end(self, status: StudentStatus, *, last_date: date) -> None:
        self._hold(status, first_date=last_date + _DAY)
        self.state = State.ENDED
        self.valid_to_date = last_date
        self._happened(Event.STATUS_RECORD_ENDED)

    def _hold(self, status: StudentStatus, *, first_date: date) -> None:
        """Begin a status; the one before has held to the day before, if it held a day at all.

        History is not rewritten: a status does not begin before the present one did.
        """
        if not self.is_open:
            raise StudentNotInSchool(state=self.state)
        if first_date < self.status_from_date:
            raise EffectiveBeforePresentStatus(
                effective_date=first_date.isoformat(),
                status_from_date=self.status_from_date.isoformat(),
            )
        if first_date > self.status_from_date:
            self.past_periods.append(
                StatusPeriod(
                    status=self.status,
                    major_code=self.major_code,
                    class_name=self.class_name,
                    grade_year=self.grade_year,
                    valid_from_date=self.status_from_date,
                    valid_to_date=first_date - _DAY,
                    change_id=self.change_id,
                )
            )
        self.status = status
        self.status_from_date = first_date
        # A status that a change leads to is given its id by the caller.
        self.change_id = None
