"""Pathway projects: who declares, what follows from the type, when they are approved."""

import pytest

from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import PathwayProject, State
from services.enrollment.domain.pathways import PATHWAYS, TEACHING_KINDS, Level, Type
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


def test_a_cohort_opens_for_the_front_school_of_an_approved_project_only() -> None:
    project = made.approved_project()
    project.check_cohort_may_open(party=made.FRONT)
    with pytest.raises(NotFrontSchool):
        project.check_cohort_may_open(party=made.BACK)
    with pytest.raises(PathwayProjectNotApproved):
        made.declared_project().check_cohort_may_open(party=made.FRONT)
