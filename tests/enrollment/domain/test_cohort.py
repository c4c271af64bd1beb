"""Cohorts and members: a closed roster that is never exceeded and never refilled."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.enrollment.domain.cohort import Cohort, State
from services.enrollment.domain.cohort_member import State as MemberState
from services.enrollment.domain.cohort_member import Why
from services.enrollment.domain.events import Event
from services.enrollment.domain.person import Person
from services.enrollment.domain.refusals import (
    ClassUnknown,
    IntakeYearWrong,
    MemberNotActive,
    NotFrontSchool,
    PathwayProjectNotApproved,
    PlanFull,
    RosterFrozen,
)
from tests.enrollment import made

NOW = datetime(2020, 10, 1, tzinfo=UTC)
LEFT: dict[str, Any] = {"why": Why.CHANGED_MAJOR, "on": date(2020, 10, 1), "now": NOW}


def test_a_cohort_takes_plan_and_parties_of_its_project() -> None:
    project = made.approved_project(front_plan=3)
    cohort = made.open_cohort(project)
    assert (cohort.state, cohort.plan) == (State.OPEN, 3)
    assert (cohort.front, cohort.back, cohort.project_id) == (made.FRONT, made.BACK, project.id)


@pytest.mark.parametrize("intake_date", [date(2019, 12, 31), date(2021, 1, 1)])
def test_the_intake_is_in_the_approval_year(intake_date: date) -> None:
    with pytest.raises(IntakeYearWrong):
        Cohort.open(
            party=made.FRONT,
            new_id=uuid4(),
            project=made.approved_project(),
            intake_date=intake_date,
            class_names=made.CLASSES,
            taken={},
        )


def test_a_cohort_of_a_project_that_waits_for_approval_is_refused() -> None:
    with pytest.raises(PathwayProjectNotApproved):
        made.open_cohort(made.declared_project())


def test_the_roster_is_frozen_once_by_the_front_school() -> None:
    cohort = made.open_cohort()
    with pytest.raises(NotFrontSchool):
        cohort.freeze(party=made.BACK, now=NOW)
    cohort.freeze(party=made.FRONT, now=NOW)
    assert (cohort.state, cohort.freeze_time) == (State.FROZEN, NOW)
    assert (cohort.version, cohort.event) == (2, Event.ROSTER_FROZEN)
    with pytest.raises(RosterFrozen):
        cohort.freeze(party=made.FRONT, now=NOW)


def test_nobody_joins_a_frozen_roster() -> None:
    cohort = made.open_cohort()
    cohort.freeze(party=made.FRONT, now=NOW)
    with pytest.raises(RosterFrozen):
        cohort.check_may_join(party=made.FRONT, class_name=made.CLASSES[0], enrolled_count=0)


@pytest.mark.parametrize(("enrolled_count", "fits"), [(0, True), (2, True), (3, False), (4, False)])
def test_the_plan_is_never_exceeded(enrolled_count: int, fits: bool) -> None:  # noqa: FBT001
    cohort = made.open_cohort(made.approved_project(front_plan=3))

    def join() -> None:
        cohort.check_may_join(
            party=made.FRONT, class_name=made.CLASSES[0], enrolled_count=enrolled_count
        )

    if fits:
        join()
    else:
        with pytest.raises(PlanFull):
            join()


def test_a_member_is_in_a_class_of_the_cohort() -> None:
    with pytest.raises(ClassUnknown) as refused:
        made.open_cohort().check_may_join(party=made.FRONT, class_name="食品2003", enrolled_count=0)
    assert refused.value.violations[0].field == "class_name"


def test_only_the_front_school_enrols() -> None:
    with pytest.raises(NotFrontSchool):
        made.open_cohort().check_may_join(
            party=made.BACK, class_name=made.CLASSES[0], enrolled_count=0
        )


def test_a_member_leaves_for_good() -> None:
    member = made.active_member()
    member.remove(party=made.FRONT, sealed_left_reason=b"sealed", **LEFT)
    assert (member.state, member.sealed_left_reason, member.left_time) == (
        MemberState.LEFT,
        b"sealed",
        NOW,
    )
    assert (member.version, member.event) == (2, Event.MEMBER_REMOVED)
    assert not member.is_in_pathway


def test_only_the_front_school_removes() -> None:
    with pytest.raises(NotFrontSchool):
        made.active_member().remove(party=made.BACK, sealed_left_reason=b"", **LEFT)


@pytest.mark.parametrize("state", [MemberState.SUSPENDED, MemberState.LEFT, MemberState.GRADUATED])
def test_only_an_active_member_is_removed(state: MemberState) -> None:
    member = made.active_member()
    member.state = state
    with pytest.raises(MemberNotActive):
        member.remove(party=made.FRONT, sealed_left_reason=b"", **LEFT)
    assert member.version == 1


@pytest.mark.parametrize(
    ("state", "same_cohort", "bars"),
    [
        (MemberState.ACTIVE, False, True),
        (MemberState.SUSPENDED, False, True),
        (MemberState.LEFT, False, True),
        (MemberState.LEFT, True, True),
        (MemberState.GRADUATED, False, False),
        (MemberState.GRADUATED, True, True),
    ],
)
def test_a_membership_bars_another_until_its_pathway_is_graduated_from(
    state: MemberState,
    same_cohort: bool,  # noqa: FBT001
    bars: bool,  # noqa: FBT001
) -> None:
    member = made.active_member()
    member.state = state
    assert member.bars_enrolment_in(member.cohort_id if same_cohort else uuid4()) is bars


def test_a_person_is_seen_by_the_schools_of_every_pathway_joined() -> None:
    person = Person.register(made.APPLICANT, front=made.FRONT, back=made.BACK)
    assert (person.parties, person.version) == ([made.FRONT, made.BACK], 1)
    person.event = None
    person.join(front=made.BACK, back="cslg")
    assert (person.parties, person.version) == ([made.FRONT, made.BACK, "cslg"], 2)
    assert person.event is Event.PERSON_REGISTERED
