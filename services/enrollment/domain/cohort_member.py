"""Memberships: that a person belongs to a cohort, fixed at admission and left for good."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.events import Event
from services.enrollment.domain.person import Applicant
from services.enrollment.domain.refusals import MemberNotActive, NotFrontSchool
from services.enrollment.domain.roster_refusals import ClassUnchanged, WhyWrong


class State(StrEnum):
    """States of a membership."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LEFT = "LEFT"
    GRADUATED = "GRADUATED"


class Why(StrEnum):
    """Why a member is in its state, or in its class."""

    ADMITTED = "ADMITTED"
    AWAY = "AWAY"
    RETURNED = "RETURNED"
    GRADUATED = "GRADUATED"
    CHANGED_SCHOOL = "CHANGED_SCHOOL"
    CHANGED_MAJOR = "CHANGED_MAJOR"
    WITHDREW = "WITHDREW"
    EXPELLED = "EXPELLED"
    CANCELLED = "CANCELLED"
    DIED = "DIED"
    COMPLETED = "COMPLETED"
    ATTENDED = "ATTENDED"
    LEFT_OTHERWISE = "LEFT_OTHERWISE"
    CLASSES_BALANCED = "CLASSES_BALANCED"
    CLASS_DIRECTION = "CLASS_DIRECTION"
    CLASS_WISH = "CLASS_WISH"
    CLASS_CORRECTED = "CLASS_CORRECTED"
    CLASS_RENAMED = "CLASS_RENAMED"
    CLASS_CHANGED = "CLASS_CHANGED"


# What a school may give as the reason of a removal, and of another class.
WHY_LEFT: Final = (
    Why.CHANGED_SCHOOL,
    Why.CHANGED_MAJOR,
    Why.WITHDREW,
    Why.EXPELLED,
    Why.CANCELLED,
    Why.DIED,
    Why.LEFT_OTHERWISE,
)
WHY_IN_CLASS: Final = (
    Why.CLASSES_BALANCED,
    Why.CLASS_DIRECTION,
    Why.CLASS_WISH,
    Why.CLASS_CORRECTED,
)


@dataclass(kw_only=True)
class CohortMember(Aggregate):
    """A student's membership, whose basis is the admission platform's number (GD19)."""

    id: UUID
    state: State
    cohort_id: UUID
    project_id: UUID
    person_id: UUID
    front: str
    back: str
    sealed_display_name: bytes
    sealed_admission_number: bytes
    class_name: str
    birth_year: int
    # Of a status change its code and name; what somebody typed is sealed.
    left_reason: str = ""
    sealed_left_reason: bytes = b""
    left_time: datetime | None = None
    made_up: bool
    why: Why
    # By year of intake and digest an admission is given to one student (GD19).
    admission_year: int = 0
    admission_digest: bytes = b""
    # First day of the present state and class; earlier ones are spans in the store.
    state_from_date: date

    @classmethod
    def enrol(
        cls,
        applicant: Applicant,
        *,
        new_id: UUID,
        cohort: Cohort,
        class_name: str,
    ) -> Self:
        """Make a person a member; whether the roster allows it is the cohort's to say.

        Membership counts from the day of intake, on which the front-stage record begins too.
        """
        member = cls(
            id=new_id,
            state=State.ACTIVE,
            cohort_id=cohort.id,
            project_id=cohort.project_id,
            person_id=applicant.person_id,
            front=cohort.front,
            back=cohort.back,
            sealed_display_name=applicant.sealed_display_name,
            sealed_admission_number=applicant.sealed_admission_number,
            class_name=class_name,
            birth_year=applicant.birth_year,
            made_up=applicant.made_up,
            why=Why.ADMITTED,
            admission_year=cohort.intake_date.year,
            admission_digest=applicant.admission_digest,
            state_from_date=cohort.intake_date,
        )
        member._happened(Event.MEMBER_ENROLLED)
        return member

    @property
    def is_in_pathway(self) -> bool:
        """Whether the member is in school for the pathway, or away for a time."""
        return self.state in (State.ACTIVE, State.SUSPENDED)

    def bars_enrolment_in(self, cohort_id: UUID) -> bool:
        """Whether this membership keeps its person from joining a cohort.

        Who is in a pathway is not enrolled twice; who has left one cannot come back (GD19); who
        has graduated may begin another pathway, and not the same one again.
        """
        return self.state is not State.GRADUATED or self.cohort_id == cohort_id

    def remove(
        self, *, party: str, sealed_left_reason: bytes, why: Why, on: date, now: datetime
    ) -> None:
        """Take the member out of the pathway for good: the place is not refilled (GD19)."""
        if party != self.front:
            raise NotFrontSchool(party=party)
        if self.state is not State.ACTIVE:
            raise MemberNotActive(state=self.state)
        if why not in WHY_LEFT:
            raise WhyWrong(why=why, whys=", ".join(WHY_LEFT))
        self.sealed_left_reason = sealed_left_reason
        self.leave(left_reason="", why=why, on=on, now=now)

    def suspend(self, *, on: date) -> None:
        """Follow a record that is away from school for a time."""
        self._check(State.ACTIVE)
        self._hold(State.SUSPENDED, why=Why.AWAY, on=on)
        self._happened(Event.MEMBER_SUSPENDED)

    def resume(self, *, on: date) -> None:
        """Follow a record that is back in school."""
        self._check(State.SUSPENDED)
        self._hold(State.ACTIVE, why=Why.RETURNED, on=on)
        self._happened(Event.MEMBER_RESUMED)

    def leave(self, *, left_reason: str, why: Why, on: date, now: datetime) -> None:
        """Follow a record that ended, or a change of school or major, for good (GD19)."""
        self._check(State.ACTIVE, State.SUSPENDED)
        self._hold(State.LEFT, why=why, on=on)
        self.left_reason = left_reason
        self.left_time = now
        self._happened(Event.MEMBER_REMOVED)

    def graduate(self, *, on: date) -> None:
        """Follow the graduation of the front-stage record: its first day after the last of it."""
        self._check(State.ACTIVE, State.SUSPENDED)
        self._hold(State.GRADUATED, why=Why.GRADUATED, on=on)
        self._happened(Event.MEMBER_GRADUATED)

    def assign_class(self, class_name: str, *, why: Why, on: date) -> None:
        """Go on in another class of the cohort; on a frozen roster too, for nobody joins.

        That the class is one of the cohort's, and so separate (JS21, GD21), is the cohort's to say.
        """
        self._check(State.ACTIVE, State.SUSPENDED)
        if class_name == self.class_name:
            raise ClassUnchanged(class_name=class_name)
        self.class_name = class_name
        self._hold(self.state, why=why, on=on)
        self._happened(Event.MEMBER_CLASS_ASSIGNED)

    def _check(self, *states: State) -> None:
        if self.state not in states:
            raise MemberNotActive(state=self.state)

    def _hold(self, state: State, *, why: Why, on: date) -> None:
        """Begin a state or class on a day; history before it is not rewritten."""
        self.state = state
        self.why = why
        self.state_from_date = max(on, self.state_from_date)

    def correct(self, *, sealed_display_name: bytes, birth_year: int) -> None:
        """Follow a correction of the person."""
        self.sealed_display_name = sealed_display_name
        self.birth_year = birth_year
        self._happened(Event.MEMBER_CORRECTED)

    def reassign(
        self,
        *,
        person_id: UUID,
        sealed_display_name: bytes,
        sealed_admission_number: bytes,
        sealed_left_reason: bytes,
    ) -> None:
        """Follow a merge or split: belong to another person, sealed with that one's key."""
        self.person_id = person_id
        self.sealed_display_name = sealed_display_name
        self.sealed_admission_number = sealed_admission_number
        self.sealed_left_reason = sealed_left_reason
        self._happened(Event.MEMBER_REASSIGNED)

    def erase(self) -> None:
        """Follow the erasure of the person: what is personal goes, the place stays counted."""
        self.sealed_display_name = b""
        self.sealed_admission_number = b""
        self.admission_digest = b""
        self.birth_year = 0
        self.left_reason = ""
        self.sealed_left_reason = b""
        self._happened(Event.MEMBER_ERASED)
