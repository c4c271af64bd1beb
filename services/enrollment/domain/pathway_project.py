"""贯通培养项目: one front school and major with one back college and major, for one year."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathways import PATHWAYS, TEACHING_KINDS, Level, Type
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
    ) -> Self:
        """Declare a project as its back college.

        Levels and years follow from the type. The transfer is front_years after the approval,
        which is the year of front-stage entry (JS25, S0: entry 2020, transfer 2023); a type with
        one registration has none: 0.
        """
        if party != back:
            raise NotBackCollege(party=party)
        pathway = PATHWAYS[type]
        _check_kinds(type, front_kind=front_kind, back_kind=back_kind)
        has_transfer = pathway.has_two_registrations
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
            front_level=pathway.front_level,
            back_level=pathway.back_level,
            front_years=pathway.front_years,
            back_years=pathway.back_years,
            transfer_year=approval_year + pathway.front_years if has_transfer else 0,
            made_up=made_up,
        )
        project._happened(Event.PATHWAY_PROJECT_DECLARED)
        return project

    def approve(self, *, approval_document_number: str) -> None:
        """Record that the project is on the approved list, with the number of the document."""
        if self.state is not State.DECLARED:
            raise PathwayProjectNotDeclared(state=self.state)
        self.state = State.APPROVED
        self.approval_document_number = approval_document_number
        self._happened(Event.PATHWAY_PROJECT_APPROVED)

    def check_cohort_may_open(self, *, party: str) -> None:
        """Refuse anyone but the front school, and a project that is not approved."""
        if party != self.front:
            raise NotFrontSchool(party=party)
        if self.state is not State.APPROVED:
            raise PathwayProjectNotApproved(state=self.state)


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
