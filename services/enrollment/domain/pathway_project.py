"""贯通培养项目: one front school and major with one back college and major, for one year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.intakes import IntakeWarning
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_refusals import (
    InternshipArrangementWrong,
    PathwayProjectFactsFixed,
    PathwayProjectNotClosable,
    PathwayProjectNotStoppable,
    PathwayProjectOfOtherList,
    PathwayProjectTakesNoIntake,
    StudentsNotTaughtOut,
)
from services.enrollment.domain.pathways import (
    ARRANGED_STAGES,
    PATHWAYS,
    TEACHING_KINDS,
    InternshipArrangement,
    Level,
    Type,
)
from services.enrollment.domain.refusals import (
    NotBackCollege,
    NotFrontSchool,
    PathwayLevelsWrong,
    PathwayProjectNotApproved,
    PathwayProjectNotDeclared,
)


class State(StrEnum):
    """States of a project."""

    DECLARED = "DECLARED"
    APPROVED = "APPROVED"
    RECRUITING = "RECRUITING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """A project as a provincial list has it; `facts` are what a list may correct."""

    list_id: UUID
    document_number: str
    approval_year: int
    front: str
    front_major_code: str
    back: str
    back_major_code: str
    made_up: bool
    # project_number, type, front_major, back_major, front_plan, back_plan.
    facts: Mapping[str, Any]

    @property
    def pair(self) -> tuple[int, str, str, str, str]:
        """The natural key: year, front, front major, back, back major."""
        return (
            self.approval_year,
            self.front,
            self.front_major_code,
            self.back,
            self.back_major_code,
        )


@dataclass(kw_only=True)
class PathwayProject(Aggregate):
    """The yearly approved item, declared by the back college (牵头院校)."""

    id: UUID
    state: State
    project_number: str
    type: Type
    approval_year: int
    front: str
    front_major: str
    front_major_code: str
    back: str
    back_major: str
    back_major_code: str
    front_plan: int
    back_plan: int
    front_level: Level
    back_level: Level
    front_years: int
    back_years: int
    transfer_year: int
    approval_document_number: str = ""
    made_up: bool
    front_internship_arrangement: InternshipArrangement | None = None
    back_internship_arrangement: InternshipArrangement | None = None
    stop_reason: str = ""
    # Inside a major, where a direction has no code of its own (S0: 酒店管理, 导游).
    front_direction: str = ""
    back_direction: str = ""
    provincial_list_id: UUID | None = None
    # What was to be warned of when this version was written.
    warnings: Sequence[IntakeWarning] = field(default_factory=tuple)

    @classmethod
    def declare(
        cls,
        *,
        party: str,
        new_id: UUID,
        project_number: str,
        type: Type,  # noqa: A002 - the field's name
        approval_year: int,
        front: str,
        front_kind: Kind,
        front_major: str,
        front_major_code: str,
        back: str,
        back_kind: Kind,
        back_major: str,
        back_major_code: str,
        front_plan: int,
        back_plan: int,
        made_up: bool,
        front_internship_arrangement: InternshipArrangement | None = None,
        back_internship_arrangement: InternshipArrangement | None = None,
        front_direction: str = "",
        back_direction: str = "",
    ) -> Self:
        """Declare a project as its back college.

        Levels and years follow from the type. The transfer is front_years after the year of
        entry (JS25, S0), 0 for one registration; an arrangement makes none (S1, S4).
        """
        if party != back:
            raise NotBackCollege(party=party)
        _check_kinds(type, front_kind=front_kind, back_kind=back_kind)
        project = cls(
            id=new_id,
            state=State.DECLARED,
            project_number=project_number,
            type=type,
            approval_year=approval_year,
            front=front,
            front_major=front_major,
            front_major_code=front_major_code,
            back=back,
            back_major=back_major,
            back_major_code=back_major_code,
            front_plan=front_plan,
            back_plan=back_plan,
            **_following(type, approval_year),
            made_up=made_up,
            front_internship_arrangement=front_internship_arrangement,
            back_internship_arrangement=back_internship_arrangement,
            front_direction=front_direction,
            back_direction=back_direction,
        )
        project.check_arrangements()
        project._happened(Event.PATHWAY_PROJECT_DECLARED)
        return project

    @classmethod
    def enter_listed(cls, row: ListedRow, *, new_id: UUID, kinds: Mapping[str, Kind]) -> Self:
        """Enter a project that a provincial list names: it is approved from the beginning."""
        facts = {**row.facts, "front": row.front, "back": row.back}
        project = cls.declare(
            party=row.back,
            new_id=new_id,
            approval_year=row.approval_year,
            front_kind=kinds[row.front],
            back_kind=kinds[row.back],
            front_major_code=row.front_major_code,
            back_major_code=row.back_major_code,
            made_up=row.made_up,
            **facts,
        )
        project.state = State.APPROVED
        project.approval_document_number = row.document_number
        project.provincial_list_id = row.list_id
        project.event = Event.PATHWAY_PROJECT_APPROVED
        return project

    def follow_list(self, row: ListedRow, *, kinds: Mapping[str, Kind]) -> bool:
        """Become what a provincial list says; returns whether anything changed.

        What is declared is approved by being named. A list corrects what it has approved until
        the project recruits: a cohort is planned and taught by these facts.
        """
        if self.provincial_list_id not in {None, row.list_id}:
            raise PathwayProjectOfOtherList(name=f"provincialLists/{self.provincial_list_id}")
        is_same = all(getattr(self, name) == value for name, value in row.facts.items())
        if is_same and self.provincial_list_id is not None:
            return False
        is_declared = self.state is State.DECLARED
        if not is_same:
            if self.state not in {State.DECLARED, State.APPROVED}:
                raise PathwayProjectFactsFixed(state=self.state)
            self._take(row, kinds)
        self.provincial_list_id = row.list_id
        self.approval_document_number = row.document_number
        if is_declared:
            self.state = State.APPROVED
        self._happened(
            Event.PATHWAY_PROJECT_APPROVED if is_declared else Event.PATHWAY_PROJECT_CORRECTED
        )
        return True

    def _take(self, row: ListedRow, kinds: Mapping[str, Kind]) -> None:
        """Take the facts of a row; levels, years and transfer follow from its type."""
        type_ = row.facts["type"]
        _check_kinds(type_, front_kind=kinds[row.front], back_kind=kinds[row.back])
        changed = replace(
            self,
            **row.facts,
            **_following(type_, self.approval_year),
        )
        changed.check_arrangements()
        vars(self).update(vars(changed))

    def approve(self, *, approval_document_number: str) -> None:
        """Record that the project is on the approved list, with the number of the document."""
        if self.state is not State.DECLARED:
            raise PathwayProjectNotDeclared(state=self.state)
        self.state = State.APPROVED
        self.approval_document_number = approval_document_number
        self._happened(Event.PATHWAY_PROJECT_APPROVED)

    def check_cohort_may_open(self, *, party: str) -> None:
        """Refuse anyone but the front school, and a project that takes nobody in."""
        if party != self.front:
            raise NotFrontSchool(party=party)
        if self.state is State.DECLARED:
            raise PathwayProjectNotApproved(state=self.state)
        if self.state not in _TAKING_IN:
            raise PathwayProjectTakesNoIntake(state=self.state)

    def open_recruitment(self) -> bool:
        """Recruit from the opening of the cohort on; returns whether it did not before."""
        if self.state is not State.APPROVED:
            return False
        self.state = State.RECRUITING
        self._happened(Event.PATHWAY_PROJECT_RECRUITMENT_OPENED)
        return True

    def start(self) -> bool:
        """Run from the freezing of the roster on; returns whether it did not before."""
        if self.state not in _TAKING_IN:
            return False
        self.state = State.RUNNING
        self._happened(Event.PATHWAY_PROJECT_STARTED)
        return True

    def stop(self, *, stop_reason: str) -> None:
        """Take nobody in any more; who is in the pathway is taught out."""
        if self.state not in _STOPPABLE:
            raise PathwayProjectNotStoppable(state=self.state)
        self.state = State.STOPPED
        self.stop_reason = stop_reason
        self._happened(Event.PATHWAY_PROJECT_STOPPED)

    def close(self, *, party: str, students: int, graduates: int, year: int) -> None:
        """Close what is taught out, as the back college.

        `students` are on the books, or wait for it. `graduates` of the front stage may transfer
        until the end of the transfer year, the first and only one of the intake (JS25).
        """
        if party != self.back:
            raise NotBackCollege(party=party)
        if self.state not in _CLOSABLE:
            raise PathwayProjectNotClosable(state=self.state)
        if year <= self.transfer_year:
            students += graduates
        if students:
            raise StudentsNotTaughtOut(count=str(students))
        self.state = State.CLOSED
        self._happened(Event.PATHWAY_PROJECT_CLOSED)

    def check_arrangements(self) -> None:
        """Refuse an arrangement that does not divide its stage (S1, S4)."""
        stages = {
            "front": (self.front_internship_arrangement, self.front_level, self.front_years),
            "back": (self.back_internship_arrangement, self.back_level, self.back_years),
        }
        for stage, (arrangement, level, years) in stages.items():
            if arrangement is None:
                continue
            levels, divided_years = ARRANGED_STAGES[arrangement]
            if level not in levels or years != divided_years:
                raise InternshipArrangementWrong(
                    field=f"{stage}_internship_arrangement",
                    arrangement=arrangement,
                    level=level,
                    years=str(years),
                )


_TAKING_IN = {State.APPROVED, State.RECRUITING}
_STOPPABLE = {*_TAKING_IN, State.RUNNING}
_CLOSABLE = {State.RUNNING, State.STOPPED}


def _following(type: Type, approval_year: int) -> dict[str, Any]:  # noqa: A002 - the field's name
    """Return the fields that follow from a type."""
    pathway = PATHWAYS[type]
    has_transfer = pathway.has_two_registrations
    return {
        "front_level": pathway.front_level,
        "back_level": pathway.back_level,
        "front_years": pathway.front_years,
        "back_years": pathway.back_years,
        "transfer_year": approval_year + pathway.front_years if has_transfer else 0,
    }


def _check_kinds(type: Type, *, front_kind: Kind, back_kind: Kind) -> None:  # noqa: A002
    """Refuse organisations that do not teach the levels that the type joins."""
    pathway = PATHWAYS[type]
    front_fits = front_kind in TEACHING_KINDS[pathway.front_level]
    back_fits = back_kind in TEACHING_KINDS[pathway.back_level]
    if not (front_fits and back_fits):
        raise PathwayLevelsWrong(
            type=type,
            front_level=pathway.front_level,
            back_level=pathway.back_level,
            front_kind=front_kind,
            back_kind=back_kind,
        )
