"""Organisations, projects and cohorts on PostgreSQL: each once, in lists, whoever else tries."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from services.enrollment.commands.approve_pathway_projects import (
    ApprovePathwayProject,
    approve_pathway_projects,
)
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.declare_pathway_projects import (
    DeclarePathwayProject,
    declare_pathway_projects,
)
from services.enrollment.commands.freeze_cohorts import FreezeCohort, freeze_cohorts
from services.enrollment.commands.open_cohorts import OpenCohort, open_cohorts
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.refusals import (
    CohortAlreadyOpened,
    NotBackCollege,
    NotFrontSchool,
    OrganisationAlreadyRegistered,
    PathwayLevelsWrong,
    PathwayProjectAlreadyDeclared,
    PathwayProjectNotDeclared,
    UsccCheckDigitWrong,
)
from tests.enrollment import made
from tests.enrollment.conftest import (
    DECLARATION,
    NOW,
    ORGANISATIONS,
    Desk,
    accepted,
    organisation,
    unknown,
)

CODED = organisation("cslg", Kind.UNIVERSITY, school_code="4132010333", uscc="12320500MB00000090")


def declaration(**changes: object) -> DeclarePathwayProject:
    return DeclarePathwayProject(**{**DECLARATION, **changes})


async def test_an_organisation_is_announced_to_everybody(desk: Desk) -> None:
    await desk.run(create_organisations, CODED)
    (change,) = await desk.rows("SELECT * FROM change")
    assert (change["event_type"], change["audience"]) == ("OrganisationRegistered", ["*"])


@pytest.mark.parametrize(
    ("again", "field"),
    [
        (replace(CODED, school_code="", uscc=""), "id"),
        (replace(CODED, new_id="other", uscc=""), "school_code"),
        (replace(CODED, new_id="other", school_code=""), "uscc"),
    ],
)
async def test_id_and_codes_are_given_once_also_within_a_list(
    desk: Desk, again: object, field: str
) -> None:
    for _ in range(2):
        *_, refused = await desk.run(create_organisations, CODED, again)
        assert isinstance(refused, OrganisationAlreadyRegistered)
        assert refused.metadata["field"] == field
    assert len(await desk.rows("SELECT id FROM organisation")) == 1


async def test_two_callers_at_once_register_one_organisation(desk: Desk) -> None:
    results = await asyncio.gather(*(desk.run(create_organisations, CODED) for _ in range(4)))
    refused = [each for (each,) in results if isinstance(each, DomainError)]
    assert len(refused) == 3
    assert {type(each) for each in refused} == {OrganisationAlreadyRegistered}


async def test_one_refused_organisation_sinks_none_of_the_others(desk: Desk) -> None:
    wrong = organisation("wrong", Kind.ENTERPRISE, uscc="12320500MB00000091")
    first, refused, last = await desk.run(
        create_organisations, ORGANISATIONS[0], wrong, ORGANISATIONS[1]
    )
    assert isinstance(refused, UsccCheckDigitWrong)
    assert {accepted(first).id, accepted(last).id} == {made.FRONT, made.BACK}


async def test_a_pair_of_schools_and_majors_is_declared_once_a_year(desk: Desk) -> None:
    await desk.run(create_organisations, *ORGANISATIONS)
    first, repeated, other_year, other_major = await desk.run(
        declare_pathway_projects,
        declaration(),
        declaration(project_number="again"),
        declaration(approval_year=2021),
        declaration(back_major_code="490102"),
        party=made.BACK,
    )
    assert isinstance(repeated, PathwayProjectAlreadyDeclared)
    assert repeated.metadata["name"] == f"pathwayProjects/{accepted(first).id}"
    assert accepted(other_year).transfer_year == 2024
    assert accepted(other_major).version == 1
    (refused,) = await desk.run(declare_pathway_projects, declaration(), party=made.BACK)
    assert isinstance(refused, PathwayProjectAlreadyDeclared)


async def test_callers_at_once_declare_one_project(desk: Desk) -> None:
    await desk.run(create_organisations, *ORGANISATIONS)
    results = await asyncio.gather(
        *(desk.run(declare_pathway_projects, declaration(), party=made.BACK) for _ in range(4))
    )
    refused = [each for (each,) in results if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [PathwayProjectAlreadyDeclared] * 3


@pytest.mark.parametrize(
    ("changes", "party", "refusal"),
    [
        ({}, made.FRONT, NotBackCollege),
        ({}, made.STRANGER, NotBackCollege),
        ({"front": "nowhere"}, made.BACK, ResourceNotFound),
        ({"back": "nowhere"}, "nowhere", ResourceNotFound),
        ({"front": made.BACK, "back": made.FRONT}, made.FRONT, PathwayLevelsWrong),
        ({"front": made.STRANGER}, made.BACK, PathwayLevelsWrong),
    ],
)
async def test_a_project_that_does_not_fit_is_not_declared(
    desk: Desk, changes: dict[str, object], party: str, refusal: type[DomainError]
) -> None:
    await desk.run(create_organisations, *ORGANISATIONS)
    (refused,) = await desk.run(declare_pathway_projects, declaration(**changes), party=party)
    assert type(refused) is refusal
    assert await desk.rows("SELECT id FROM pathway_project") == []


async def test_a_project_is_approved_once_at_the_version_that_was_seen(desk: Desk) -> None:
    project = await desk.set_up_project()
    approval = ApprovePathwayProject(id=project.id, etag='"1"', approval_document_number="1")
    stale, again, missing = await desk.run(
        approve_pathway_projects,
        approval,
        replace(approval, etag='"2"'),
        replace(approval, id=unknown()),
    )
    assert isinstance(stale, EtagMismatch)
    assert isinstance(again, PathwayProjectNotDeclared)
    assert isinstance(missing, ResourceNotFound)
    (row,) = await desk.rows("SELECT version, approval_document_number FROM pathway_project")
    assert row == {"version": 2, "approval_document_number": "苏教职函〔2020〕20号"}


async def test_a_project_has_one_cohort(desk: Desk) -> None:
    project = await desk.set_up_project()
    item = OpenCohort(project_id=project.id, intake_date=date(2020, 9, 1), class_names=made.CLASSES)
    results = await asyncio.gather(
        *(desk.run(open_cohorts, item, party=made.FRONT) for _ in range(4))
    )
    refused = [each for (each,) in results if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [CohortAlreadyOpened] * 3
    (row,) = await desk.rows("SELECT * FROM cohort")
    assert (row["plan"], row["state"], row["front"]) == (40, "OPEN", made.FRONT)


async def test_a_cohort_of_an_unknown_project_is_not_found(desk: Desk) -> None:
    item = OpenCohort(project_id=unknown(), intake_date=date(2020, 9, 1), class_names=["1"])
    (refused,) = await desk.run(open_cohorts, item, party=made.FRONT)
    assert isinstance(refused, ResourceNotFound)


@pytest.mark.parametrize(
    ("party", "etag", "refusal"),
    [
        (made.BACK, '"1"', NotFrontSchool),
        (made.FRONT, '"7"', EtagMismatch),
        # A stranger learns neither that it exists nor its version.
        (made.STRANGER, '"1"', ResourceNotFound),
        (made.STRANGER, '"7"', ResourceNotFound),
    ],
)
async def test_a_roster_is_frozen_by_its_front_school_only(
    desk: Desk, party: str, etag: str, refusal: type[DomainError]
) -> None:
    cohort = await desk.set_up_cohort()
    (refused,) = await desk.run(
        freeze_cohorts, FreezeCohort(id=cohort.id, etag=etag), party=party, now=NOW
    )
    assert type(refused) is refusal
    assert await desk.rows("SELECT state FROM cohort") == [{"state": "OPEN"}]
