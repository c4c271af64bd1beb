"""Projects on PostgreSQL after their approval: they recruit, run, are stopped and closed."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from services.enrollment.commands.close_pathway_projects import (
    ClosePathwayProject,
    close_pathway_projects,
)
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.declare_pathway_projects import (
    DeclarePathwayProject,
    declare_pathway_projects,
)
from services.enrollment.commands.enroll_cohort_members import enroll_cohort_members
from services.enrollment.commands.freeze_cohorts import FreezeCohort, freeze_cohorts
from services.enrollment.commands.open_cohorts import OpenCohort, open_cohorts
from services.enrollment.commands.stop_pathway_projects import (
    StopPathwayProject,
    stop_pathway_projects,
)
from services.enrollment.domain.pathway_project import State
from services.enrollment.domain.pathway_refusals import (
    PathwayProjectTakesNoIntake,
    StudentsNotTaughtOut,
)
from services.enrollment.domain.pathways import Type
from services.enrollment.domain.refusals import NotBackCollege, RosterFrozen
from tests.enrollment import made
from tests.enrollment.conftest import DECLARATION, NOW, ORGANISATIONS, Desk, accepted

STOP = {"stop_reason": "苏教职函〔2022〕17号"}
AFTER_THE_TRANSFER = datetime(2024, 1, 1, tzinfo=UTC)


async def state_of(desk: Desk) -> tuple[str, str]:
    (row,) = await desk.rows(
        "SELECT project.state, cohort.state AS roster FROM pathway_project AS project"
        " JOIN cohort ON cohort.project_id = project.id"
    )
    return row["state"], row["roster"]


async def test_a_project_recruits_with_its_cohort_and_runs_with_its_roster(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    assert await state_of(desk) == ("RECRUITING", "OPEN")
    item = FreezeCohort(id=cohort.id, etag='"1"')
    await desk.run(freeze_cohorts, item, party=made.FRONT, now=NOW)
    assert await state_of(desk) == ("RUNNING", "FROZEN")
    assert [each for each, _ in await desk.events()][-4:] == [
        "CohortOpened",
        "PathwayProjectRecruitmentOpened",
        "RosterFrozen",
        "PathwayProjectStarted",
    ]


async def test_whoever_is_in_when_intake_stops_is_taught_out_and_nobody_joins(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    await desk.enroll(cohort.id, 1)
    stop = StopPathwayProject(id=cohort.project_id, etag='"3"', **STOP)
    (stopped,) = await desk.run(stop_pathway_projects, stop, now=NOW)
    assert accepted(stopped).state is State.STOPPED
    assert await state_of(desk) == ("STOPPED", "FROZEN")
    item = await desk.applicant(cohort.id, 2)
    (refused,) = await desk.run(enroll_cohort_members, item, party=made.FRONT)
    assert isinstance(refused, RosterFrozen)
    (member,) = await desk.rows("SELECT state FROM cohort_member")
    assert member == {"state": "ACTIVE"}


async def test_no_cohort_opens_in_a_stopped_project(desk: Desk) -> None:
    project = await desk.set_up_project()
    stop = StopPathwayProject(id=project.id, etag='"2"', **STOP)
    accepted((await desk.run(stop_pathway_projects, stop, now=NOW))[0])
    item = OpenCohort(project_id=project.id, intake_date=date(2020, 9, 1), class_names=["1"])
    (refused,) = await desk.run(open_cohorts, item, party=made.FRONT)
    assert isinstance(refused, PathwayProjectTakesNoIntake)
    assert await desk.rows("SELECT id FROM cohort") == []


async def test_a_stop_that_a_cohort_overtakes_is_told_so(desk: Desk) -> None:
    """The opening holds the project's lock; the stop waits and then sees another version."""
    project = await desk.set_up_project()
    stop = StopPathwayProject(id=project.id, etag='"2"', **STOP)
    outcome: list[object] = []

    async def stop_meanwhile() -> None:
        outcome.extend(await desk.run(stop_pathway_projects, stop, now=NOW))

    item = OpenCohort(project_id=project.id, intake_date=date(2020, 9, 1), class_names=["1"])
    await desk.run_around(stop_meanwhile(), open_cohorts, item, party=made.FRONT)
    assert isinstance(outcome[0], EtagMismatch)
    assert await state_of(desk) == ("RECRUITING", "OPEN")


async def test_a_joining_that_holds_the_roster_is_waited_for(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    stop = StopPathwayProject(id=cohort.project_id, etag='"3"', **STOP)
    item = await desk.applicant(cohort.id, 1)
    await desk.run_around(
        desk.run(stop_pathway_projects, stop, now=NOW),
        enroll_cohort_members,
        item,
        party=made.FRONT,
    )
    assert await state_of(desk) == ("STOPPED", "FROZEN")
    assert len(await desk.rows("SELECT id FROM cohort_member")) == 1


async def test_callers_at_once_stop_a_project_once(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    stop = StopPathwayProject(id=cohort.project_id, etag='"3"', **STOP)
    results = await asyncio.gather(
        *(desk.run(stop_pathway_projects, stop, now=NOW) for _ in range(4))
    )
    refused = [each for (each,) in results if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [EtagMismatch] * 3
    assert [each for each, _ in await desk.events()].count("RosterFrozen") == 1


async def test_a_project_is_closed_when_nobody_is_left(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    member = await desk.enroll(cohort.id)
    item = FreezeCohort(id=cohort.id, etag='"1"')
    await desk.run(freeze_cohorts, item, party=made.FRONT, now=NOW)
    # Whoever is in another project does not count.
    another_cohort = await desk.set_up_cohort(year=2021)
    await desk.enroll(another_cohort.id, 2)
    close = ClosePathwayProject(id=cohort.project_id, etag='"4"')
    (refused,) = await desk.run(close_pathway_projects, close, party=made.BACK, now=NOW)
    assert isinstance(refused, StudentsNotTaughtOut)
    await desk.graduate(member.id)
    # Who has graduated may transfer in 2023 still.
    (refused,) = await desk.run(close_pathway_projects, close, party=made.BACK, now=NOW)
    assert isinstance(refused, StudentsNotTaughtOut)
    facts = {"now": AFTER_THE_TRANSFER}
    foreign, wrong, stale = [
        (await desk.run(close_pathway_projects, each, party=party, **facts))[0]
        for each, party in (
            (close, made.STRANGER),
            (close, made.FRONT),
            (replace(close, etag='"3"'), made.BACK),
        )
    ]
    assert isinstance(foreign, ResourceNotFound)
    assert isinstance(wrong, NotBackCollege)
    assert isinstance(stale, EtagMismatch)
    (closed,) = await desk.run(close_pathway_projects, close, party=made.BACK, **facts)
    assert accepted(closed).state is State.CLOSED


async def test_a_large_intake_is_warned_of_and_not_refused(desk: Desk) -> None:
    await desk.run(create_organisations, *ORGANISATIONS)

    def declaration(code: str, plan: int, kind: Type = Type.ZG_3_3) -> DeclarePathwayProject:
        facts = {**DECLARATION, "approval_year": 2022, "back_major_code": code}
        return DeclarePathwayProject(**{**facts, "front_plan": plan, "type": kind})

    results = await desk.run(
        declare_pathway_projects,
        declaration("490101", 300),
        declaration("490102", 200),
        declaration("520201", 1, Type.ZG_4_2),
        party=made.BACK,
    )
    warnings = [accepted(each).warnings for each in results]
    assert [len(each) for each in warnings] == [0, 0, 1]
    assert (warnings[2][0].planned_intake, warnings[2][0].intake_max) == (501, 500)
    (row,) = await desk.rows("SELECT warnings FROM pathway_project WHERE type = 'ZG_4_2'")
    assert "JS22" in str(row["warnings"])


@pytest.mark.parametrize("year", [2021, 2022])
async def test_the_warning_is_of_the_lists_from_2022_on(desk: Desk, year: int) -> None:
    await desk.run(create_organisations, *ORGANISATIONS)
    facts = {**DECLARATION, "approval_year": year, "front_plan": 820}
    (project,) = await desk.run(
        declare_pathway_projects, DeclarePathwayProject(**facts), party=made.BACK
    )
    assert len(accepted(project).warnings) == (year == 2022)
