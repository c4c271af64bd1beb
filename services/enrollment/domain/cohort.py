"""Cohorts: the one intake of a project, a closed roster once it is frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.refusals import (
    ClassUnknown,
    IntakeYearWrong,
    NotFrontSchool,
    PlanFull,
    RosterFrozen,
)
from services.enrollment.domain.roster_refusals import ClassNameTaken, ClassUnchanged


class State(StrEnum):
    """States of a roster."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"


@dataclass(kw_only=True)
class Cohort(Aggregate):
    """The intake of one project, taught in separate classes (单独编班, JS21)."""

    id: UUID
    state: State
    project_id: UUID
    front: str
    back: str
    intake_date: date
    class_names: list[str]
    plan: int
    freeze_time: datetime | None = None

    @classmethod
    def open(
        cls,
        *,
        party: str,
        new_id: UUID,
        project: PathwayProject,
        intake_date: date,
        class_names: list[str],
        taken: Mapping[str, UUID],
    ) -> Self:
        """Open the cohort of an approved project as its front school.

        The project list's year is the year of entry (JS25), so the intake date is in it. Its
        classes are no other cohort's (JS21): `taken` says whose those of the same year are.
        """
        project.check_cohort_may_open(party=party)
        if intake_date.year != project.approval_year:
            raise IntakeYearWrong(
                intake_date=intake_date.isoformat(), approval_year=str(project.approval_year)
            )
        _check_separate(class_names, taken)
        cohort = cls(
            id=new_id,
            state=State.OPEN,
            project_id=project.id,
            front=project.front,
            back=project.back,
            intake_date=intake_date,
            class_names=list(dict.fromkeys(class_names)),
            plan=project.front_plan,
        )
        cohort._happened(Event.COHORT_OPENED)
        return cohort

    def freeze(self, *, party: str, now: datetime) -> None:
        """Close the roster for good."""
        self._check_front(party)
        self._check_open()
        self.state = State.FROZEN
        self.freeze_time = now
        self._happened(Event.ROSTER_FROZEN)

    def freeze_as_it_is(self, *, now: datetime) -> bool:
        """Close the roster because intake was stopped; returns whether it was open."""
        if self.state is not State.OPEN:
            return False
        self.state = State.FROZEN
        self.freeze_time = now
        self._happened(Event.ROSTER_FROZEN)
        return True

    def check_may_join(self, *, party: str, class_name: str, enrolled_count: int) -> None:
        """Refuse a joining that the roster does not allow; `enrolled_count` is all ever enrolled.

        Identity is fixed at admission: nobody joins a frozen roster, and a vacated place is not
        refilled (GD19). Nobody may exceed a published plan (SD23).
        """
        self._check_front(party)
        self._check_open()
        if enrolled_count >= self.plan:
            raise PlanFull(plan=str(self.plan))
        self.check_class(class_name)

    def check_class(self, class_name: str) -> None:
        """Refuse a class that is none of the cohort's."""
        if class_name not in self.class_names:
            raise ClassUnknown(class_name=class_name, class_names="、".join(self.class_names))

    def rename_class(
        self, *, party: str, class_name: str, new_class_name: str, taken: Mapping[str, UUID]
    ) -> None:
        """Give a class another name, whether the roster is frozen or not.

        `taken` says whose the classes of the same school and year are.
        """
        self._check_front(party)
        self.check_class(class_name)
        if new_class_name == class_name:
            raise ClassUnchanged(class_name=class_name)
        own = dict.fromkeys(self.class_names, self.id)
        _check_separate([new_class_name], {**own, **taken})
        names = (new_class_name if each == class_name else each for each in self.class_names)
        self.class_names = list(names)
        self._happened(Event.CLASS_RENAMED)

    def check_may_assign(self, *, party: str, class_name: str) -> None:
        """Refuse a class for a member that is none of the cohort's: classes are separate (JS21)."""
        self._check_front(party)
        self.check_class(class_name)

    def _check_front(self, party: str) -> None:
        if party != self.front:
            raise NotFrontSchool(party=party)

    def _check_open(self) -> None:
        if self.state is not State.OPEN:
            raise RosterFrozen


def _check_separate(class_names: Iterable[str], taken: Mapping[str, UUID]) -> None:
    """Refuse a class that another cohort has: each is taught separately (单独编班, JS21)."""
    for class_name in class_names:
        if class_name in taken:
            raise ClassNameTaken(class_name=class_name, name=f"cohorts/{taken[class_name]}")
