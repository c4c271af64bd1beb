"""Pathway projects: who declares, what follows from the type, when they are approved."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import PathwayProject, State
from services.enrollment.domain.pathway_refusals import (
    InternshipArrangementWrong,
    PathwayProjectNotClosable,
    PathwayProjectNotStoppable,
    PathwayProjectTakesNoIntake,
    StudentsNotTaughtOut,
)
from services.enrollment.domain.pathways import (
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
from tests.enrollment import made

SEC, HIGH, BA = Level.SECONDARY_VOCATIONAL, Level.HIGHER_VOCATIONAL, Level.BACHELOR


def test_a_declared_project_has_the_facts_of_the_founding_case() -> None:
    facts = {"party": made.BACK, "new_id": made.APPLICANT.person_id, **made.PROJECT}
    project = PathwayProject.declare(**facts)
    assert (project.state, project.version) == (State.DECLARED, 1)
    assert project.event is Event.PATHWAY_PROJECT_DECLARED
    # S0: the first cohort moves in 2023, so it entered in 2020 and is of the list of 2020.
    assert project.transfer_year == 2023


@pytest.mark.parametrize(
    ("type_", "front", "back", "transfer_year"),
    [
        (Type.ZG_3_3, (SEC, 3), (HIGH, 3), 2023),
        (Type.ZG_4_2, (SEC, 4), (HIGH, 2), 2024),
        (Type.ZB_3_4, (SEC, 3), (BA, 4), 2023),
        (Type.GB_5_2, (HIGH, 5), (BA, 2), 2025),
        (Type.GB_3_2, (HIGH, 3), (BA, 2), 2023),
        (Type.GB_4_0, (HIGH, 4), (BA, 0), 0),
        (Type.ZG_3_2, (SEC, 3), (HIGH, 2), 2023),
        (Type.FIVE_YEAR, (HIGH, 5), (HIGH, 0), 0),
        (Type.DX_2_1, (SEC, 2), (SEC, 1), 0),
    ],
)
def test_levels_years_and_transfer_follow_from_the_type(
    type_: Type, front: tuple[Level, int], back: tuple[Level, int], transfer_year: int
) -> None:
    project = made.declared_project(
        type=type_,
        front_kind=min(TEACHING_KINDS[front[0]]),
        back_kind=min(TEACHING_KINDS[back[0]]),
    )
    assert (project.front_level, project.front_years) == front
    assert (project.back_level, project.back_years) == back
    assert project.transfer_year == transfer_year


def test_each_type_has_its_pathway() -> None:
    assert set(PATHWAYS) == set(Type)


@pytest.mark.parametrize("party", [made.FRONT, made.STRANGER, ""])
def test_only_the_back_college_declares(party: str) -> None:
    with pytest.raises(NotBackCollege):
        made.declared_project(party=party)


@pytest.mark.parametrize(
    ("type_", "front_kind", "back_kind"),
    [
        (Type.ZG_3_3, Kind.HIGHER_VOCATIONAL, Kind.SECONDARY_VOCATIONAL),
        (Type.ZG_3_3, Kind.SECONDARY_VOCATIONAL, Kind.UNIVERSITY),
        (Type.ZG_3_3, Kind.SECONDARY_VOCATIONAL, Kind.SECONDARY_VOCATIONAL),
        (Type.ZB_3_4, Kind.SECONDARY_VOCATIONAL, Kind.HIGHER_VOCATIONAL),
        (Type.GB_3_2, Kind.SECONDARY_VOCATIONAL, Kind.UNIVERSITY),
        (Type.ZG_3_2, Kind.HIGHER_VOCATIONAL, Kind.UNIVERSITY),
        (Type.ZG_3_3, Kind.EDUCATION_BUREAU, Kind.HIGHER_VOCATIONAL),
        (Type.ZG_3_3, Kind.SECONDARY_VOCATIONAL, Kind.ENTERPRISE),
    ],
)
def test_schools_that_do_not_teach_the_levels_are_refused(
    type_: Type, front_kind: Kind, back_kind: Kind
) -> None:
    with pytest.raises(PathwayLevelsWrong):
        made.declared_project(type=type_, front_kind=front_kind, back_kind=back_kind)


def test_a_technician_school_may_be_the_front_school() -> None:
    assert made.declared_project(front_kind=Kind.TECHNICIAN).state is State.DECLARED


def test_an_approval_keeps_the_number_of_the_document() -> None:
    project = made.declared_project()
    project.approve(approval_document_number="苏教职函〔2020〕20号")
    assert project.state is State.APPROVED
    assert project.approval_document_number == "苏教职函〔2020〕20号"
    assert (project.version, project.event) == (2, Event.PATHWAY_PROJECT_APPROVED)


@pytest.mark.parametrize("state", [each for each in State if each is not State.DECLARED])
def test_only_a_declared_project_is_approved(state: State) -> None:
    project = made.declared_project()
    project.state = state
    with pytest.raises(PathwayProjectNotDeclared):
        project.approve(approval_document_number="1")
    assert (project.version, project.event) == (1, None)


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (State.DECLARED, PathwayProjectNotApproved),
        (State.APPROVED, None),
        (State.RECRUITING, None),
        (State.RUNNING, PathwayProjectTakesNoIntake),
        (State.STOPPED, PathwayProjectTakesNoIntake),
        (State.CLOSED, PathwayProjectTakesNoIntake),
    ],
)
def test_a_cohort_opens_while_the_project_takes_students_in(
    state: State, refusal: type[Exception] | None
) -> None:
    project = made.approved_project()
    project.state = state
    with pytest.raises(refusal) if refusal else nullcontext():
        project.check_cohort_may_open(party=made.FRONT)
    with pytest.raises(NotFrontSchool):
        project.check_cohort_may_open(party=made.BACK)


# What a transition makes of each state; a refusal leaves everything as it was.
NOT_STOPPABLE, NOT_CLOSABLE = PathwayProjectNotStoppable, PathwayProjectNotClosable
TRANSITIONS: dict[str, dict[State, State | type[Exception]]] = {
    "stop": {
        State.DECLARED: NOT_STOPPABLE,
        State.APPROVED: State.STOPPED,
        State.RECRUITING: State.STOPPED,
        State.RUNNING: State.STOPPED,
        State.STOPPED: NOT_STOPPABLE,
        State.CLOSED: NOT_STOPPABLE,
    },
    "close": {
        State.DECLARED: NOT_CLOSABLE,
        State.APPROVED: NOT_CLOSABLE,
        State.RECRUITING: NOT_CLOSABLE,
        State.RUNNING: State.CLOSED,
        State.STOPPED: State.CLOSED,
        State.CLOSED: NOT_CLOSABLE,
    },
}
DO: dict[str, Callable[[PathwayProject], None]] = {
    "stop": lambda project: project.stop(stop_reason="苏教职函〔2022〕17号"),
    "close": lambda project: project.close(party=made.BACK, students=0, graduates=0, year=2026),
}


@pytest.mark.parametrize(
    ("transition", "state"), [(each, state) for each in TRANSITIONS for state in State]
)
def test_each_transition_leads_where_the_table_says(transition: str, state: State) -> None:
    project = made.approved_project()
    project.state, version = state, project.version
    expected = TRANSITIONS[transition][state]
    if isinstance(expected, State):
        DO[transition](project)
        assert (project.state, project.version) == (expected, version + 1)
    else:
        with pytest.raises(expected):
            DO[transition](project)
        assert (project.state, project.version, project.event) == (state, version, None)


@pytest.mark.parametrize(
    ("state", "recruiting", "running"),
    [
        (State.APPROVED, State.RECRUITING, State.RUNNING),
        (State.RECRUITING, State.RECRUITING, State.RUNNING),
        # Whatever was stopped is not begun again by a roster.
        (State.STOPPED, State.STOPPED, State.STOPPED),
        (State.CLOSED, State.CLOSED, State.CLOSED),
    ],
)
def test_a_project_follows_its_cohort(state: State, recruiting: State, running: State) -> None:
    for follow, expected in (("open_recruitment", recruiting), ("start", running)):
        project = made.approved_project()
        project.state = state
        assert getattr(project, follow)() is (expected is not state)
        assert project.state is expected


@pytest.mark.parametrize(
    ("students", "graduates", "year", "count"),
    [
        # JS25: the transfer of an intake is in one year; its graduates may come until then.
        (1, 0, 2026, "1"),
        (0, 3, 2023, "3"),
        (2, 3, 2022, "5"),
        (0, 3, 2024, None),
        (0, 0, 2021, None),
    ],
)
def test_a_project_is_closed_when_everybody_is_taught_out(
    students: int, graduates: int, year: int, count: str | None
) -> None:
    project = made.approved_project()
    project.state = State.STOPPED
    if count is None:
        project.close(party=made.BACK, students=students, graduates=graduates, year=year)
        assert project.state is State.CLOSED
        return
    with pytest.raises(StudentsNotTaughtOut) as refused:
        project.close(party=made.BACK, students=students, graduates=graduates, year=year)
    assert refused.value.metadata == {"count": count}


@pytest.mark.parametrize("party", [made.FRONT, made.STRANGER])
def test_only_the_back_college_closes(party: str) -> None:
    project = made.approved_project()
    project.state = State.STOPPED
    with pytest.raises(NotBackCollege):
        project.close(party=party, students=0, graduates=0, year=2026)


ARRANGEMENTS = [
    # (type, front, back, the field that is wrong); S1: 中职2.5+0.5、高职4.5+0.5; S4: 1+1+1.
    (Type.ZG_3_3, InternshipArrangement.TWO_AND_HALF, None, None),
    (Type.ZG_3_3, InternshipArrangement.TWO_AND_HALF, InternshipArrangement.ONE_ONE_ONE, None),
    (Type.FIVE_YEAR, InternshipArrangement.FOUR_AND_HALF, None, None),
    (Type.GB_5_2, InternshipArrangement.FOUR_AND_HALF, None, None),
    (Type.ZG_4_2, InternshipArrangement.TWO_AND_HALF, None, "front_internship_arrangement"),
    (Type.ZG_3_3, InternshipArrangement.FOUR_AND_HALF, None, "front_internship_arrangement"),
    (Type.ZG_3_3, InternshipArrangement.ONE_ONE_ONE, None, "front_internship_arrangement"),
    (Type.ZG_3_3, None, InternshipArrangement.FOUR_AND_HALF, "back_internship_arrangement"),
    (Type.ZB_3_4, None, InternshipArrangement.TWO_AND_HALF, "back_internship_arrangement"),
]


@pytest.mark.parametrize(("type_", "front", "back", "wrong"), ARRANGEMENTS)
def test_an_arrangement_divides_a_stage_and_makes_no_transfer(
    type_: Type,
    front: InternshipArrangement | None,
    back: InternshipArrangement | None,
    wrong: str | None,
) -> None:
    facts: dict[str, Any] = {
        "type": type_,
        "front_kind": min(TEACHING_KINDS[PATHWAYS[type_].front_level]),
        "back_kind": min(TEACHING_KINDS[PATHWAYS[type_].back_level]),
    }
    plain = made.declared_project(**facts)
    arranged = {"front_internship_arrangement": front, "back_internship_arrangement": back}
    if wrong is None:
        project = made.declared_project(**facts, **arranged)
        assert project.transfer_year == plain.transfer_year
        assert (project.front_years, project.back_years) == (plain.front_years, plain.back_years)
        return
    with pytest.raises(InternshipArrangementWrong) as refused:
        made.declared_project(**facts, **arranged)
    assert [each.field for each in refused.value.violations] == [wrong]
