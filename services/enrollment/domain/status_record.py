"""学籍: that a person studies at an organisation, from when to when, and how it ended."""

from dataclasses import dataclass
from datetime import date
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


class State(StrEnum):
    """States of a status record."""

    IN_SCHOOL = "IN_SCHOOL"
    GRADUATED = "GRADUATED"
    ENDED = "ENDED"


class Stage(StrEnum):
    """Stages of a pathway."""

    FRONT = "FRONT"
    BACK = "BACK"


# 学生当前状态 (JY/T 1001): 01 在读, 07 毕业, 99 其他; the list has no code for 取消学籍.
STATUS_CODES = {State.IN_SCHOOL: "01", State.GRADUATED: "07", State.ENDED: "99"}


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
    project_id: UUID
    member_id: UUID
    major_code: str
    valid_from_date: date
    valid_to_date: date | None = None
    diploma_number: str = ""
    graduate_date: date | None = None
    application_id: UUID | None = None

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
            valid_from_date=arrive_date,
            application_id=application_id,
        )
        record._happened(Event.STATUS_RECORD_OPENED)
        return record

    @property
    def status_code(self) -> str:
        """学生当前状态 by JY/T 1001."""
        return STATUS_CODES[self.state]

    @property
    def has_diploma(self) -> bool:
        """Whether the stage was graduated from with a diploma: what the back stage demands."""
        return self.state is State.GRADUATED and bool(self.diploma_number)

    def graduate(self, *, party: str, diploma_number: str, graduate_date: date) -> None:
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
        self.state = State.GRADUATED
        self.diploma_number = diploma_number
        self.graduate_date = graduate_date
        self.valid_to_date = graduate_date
        self._happened(Event.STUDENT_GRADUATED)

    def end(self, *, on: date) -> None:
        """End the record without graduation, never before it began."""
        if self.state is not State.IN_SCHOOL:
            raise StudentNotInSchool(state=self.state)
        self.state = State.ENDED
        self.valid_to_date = max(on, self.valid_from_date)
        self._happened(Event.STATUS_RECORD_ENDED)
