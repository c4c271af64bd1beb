"""Rosters and quota sheets as they are asked for: of any day, and by who may."""

from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.cohort_pb2 import CohortMember
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from tests.enrollment import made
from tests.enrollment.edge.world import World, hear, make_world, refused, transfer_event
from tests.served import Served

INTAKE = Date(year=2020, month=9, day=1)
TODAY = Date(year=2023, month=3, day=1)
YESTERDAY = Date(year=2023, month=2, day=28)


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


async def sheet(world: World, **changes: Any) -> dict[str, int]:
    """Return the numbers of the world's project that are not 0."""
    answer = await world.call("GetProjectSheet", world.request("GetProjectSheet", **changes))
    return {field.name: value for field, value in answer.counts.ListFields()}


PLAN = {"project_count": 1, "front_plan": 2, "back_plan": 2}


async def test_a_class_is_assigned_on_a_frozen_roster_and_the_days_before_keep_theirs(
    world: World,
) -> None:
    await world.call("FreezeCohort", world.request("FreezeCohort"))
    member = await world.call("AssignClass", world.request("AssignClass"))
    assert (member.class_name, member.version) == (made.CLASSES[1], 2)
    assert (member.why, member.state_from_date) == (CohortMember.WHY_CLASSES_BALANCED, TODAY)
    for at_date, class_name in ((YESTERDAY, made.CLASSES[0]), (TODAY, made.CLASSES[1])):
        request = world.request("ListCohortMembers", at_date=at_date)
        (then,) = (await world.call("ListCohortMembers", request)).cohort_members
        assert (then.class_name, then.display_name) == (class_name, member.display_name)
    record = await world.call("GetStatusRecord", world.request("GetStatusRecord"))
    assert (record.class_name, record.state) == (made.CLASSES[1], StatusRecord.STATE_IN_SCHOOL)
    assert [each.class_name for each in record.past_periods] == [made.CLASSES[0]]


async def test_a_renamed_class_takes_its_members_along(world: World) -> None:
    cohort = await world.call("RenameClass", world.request("RenameClass"))
    assert list(cohort.class_names) == ["食品2020", made.CLASSES[1]]
    member = await world.call("GetCohortMember", world.request("GetCohortMember"))
    assert (member.class_name, member.why) == ("食品2020", CohortMember.WHY_CLASS_RENAMED)
    record = await world.call("GetStatusRecord", world.request("GetStatusRecord"))
    assert record.class_name == "食品2020"


async def test_a_class_of_another_cohort_of_the_year_is_not_opened_again(world: World) -> None:
    request = world.request(
        "DeclarePathwayProject",
        approval_year=2020,
        project_number="JS2020-33-002",
        front_major="酒店服务",
        front_major_code="740101",
    )
    project = await world.call("DeclarePathwayProject", request)
    request = world.request("ApprovePathwayProject", name=project.name, etag=project.etag)
    await world.call("ApprovePathwayProject", request)
    request = world.request("OpenCohort", pathway_project=project.name, intake_date=INTAKE)
    code, details = await refused(world, "OpenCohort", request)
    assert (code, details["reason"]) == (grpc.StatusCode.ALREADY_EXISTS, "CLASS_NAME_TAKEN")
    assert details["metadata"]["name"] == world.cohort.name
    assert "单独编班" in details["texts"]["zh-CN"]


async def test_who_leaves_is_counted_by_reason_and_on_the_roster_of_the_days_before(
    world: World,
) -> None:
    request = world.request("RemoveCohortMember", why=CohortMember.WHY_CHANGED_MAJOR)
    await world.call("RemoveCohortMember", request)
    for at_date, state in ((YESTERDAY, "active"), (TODAY, "left")):
        request = world.request("GetCohortCounts", at_date=at_date)
        counts = await world.call("GetCohortCounts", request)
        assert (counts.enrolled_count, getattr(counts, f"{state}_count")) == (1, 1)
    (left,) = counts.left_counts
    assert (left.why, left.count) == (CohortMember.WHY_CHANGED_MAJOR, 1)
    request = world.request("ListCohortMembers", at_date=YESTERDAY)
    (member,) = (await world.call("ListCohortMembers", request)).cohort_members
    assert (member.state, member.left_reason) == (CohortMember.STATE_ACTIVE, "")
    assert not member.HasField("left_time")
    assert member.state_from_date == INTAKE
    period = {"left_from_date": TODAY, "left_to_date": TODAY}
    request = world.request("ListCohortMembers", **period)
    (member,) = (await world.call("ListCohortMembers", request)).cohort_members
    assert member.left_reason == "转专业"


@pytest.mark.parametrize("collection", ["cohorts", "pathwayProjects", "organisations"])
async def test_counts_are_those_of_a_cohort_a_project_or_a_school(
    world: World, collection: str
) -> None:
    names = {
        "cohorts": world.cohort.name,
        "pathwayProjects": world.project.name,
        "organisations": f"organisations/{made.FRONT}",
    }
    request = world.request("GetCohortCounts", name=names[collection])
    counts = await world.call("GetCohortCounts", request)
    assert (counts.name, counts.at_date) == (names[collection], TODAY)
    assert (counts.enrolled_count, counts.active_count) == (1, 1)
    code, details = await refused(world, "GetCohortCounts", request, made.STRANGER)
    assert (code, details["reason"]) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    overseen = await world.call("GetCohortCounts", request, "szedu", "bureau_officer")
    assert overseen == counts


async def test_the_sheet_follows_a_student_from_intake_to_the_back_stage(world: World) -> None:
    before = Date(year=2020, month=8, day=31)
    assert await sheet(world, at_date=before) == PLAN
    in_school = {**PLAN, "enrolled_count": 1, "in_school_count": 1}
    assert await sheet(world, at_date=INTAKE) == in_school
    await world.call("GraduateStatusRecord", world.request("GraduateStatusRecord"))
    graduated = {**PLAN, "enrolled_count": 1, "graduated_count": 1}
    assert await sheet(world, at_date=Date(year=2023, month=6, day=30)) == in_school
    assert await sheet(world, at_date=Date(year=2023, month=9, day=3)) == graduated
    transferred = {**graduated, "transferred_count": 1}
    assert await sheet(world, at_date=Date(year=2023, month=9, day=4)) == transferred
    name = world.registration.application
    # The re-check failed on 20 November, in China.
    await hear(world.service, transfer_event("ApplicationCancelled", world.member, name=name))
    assert await sheet(world, at_date=Date(year=2023, month=11, day=20)) == transferred
    assert await sheet(world, at_date=Date(year=2023, month=11, day=21)) == graduated


async def test_who_gives_a_place_up_is_counted_once_as_not_arrived(world: World) -> None:
    forfeited = transfer_event("PlaceForfeited", world.member)
    forfeited.resource_sha256 = b"1" * 32
    await hear(world.service, forfeited, forfeited)
    in_school = {**PLAN, "enrolled_count": 1, "in_school_count": 1}
    assert await sheet(world, at_date=Date(year=2023, month=11, day=19)) == in_school
    assert await sheet(world, at_date=Date(year=2023, month=11, day=20)) == {
        **in_school,
        "not_arrived_count": 1,
    }


async def test_totals_are_of_the_whole_filter_and_not_of_the_page(world: World) -> None:
    request = world.request("ListProjectSheets", page_size=2)
    page = await world.call("ListProjectSheets", request, made.BACK)
    assert len(page.project_sheets) == 2
    assert (page.totals.project_count, page.totals.front_plan) == (5, 509)
    assert (page.totals.enrolled_count, page.totals.in_school_count) == (1, 1)
    seen = [each.name for each in page.project_sheets]
    while page.next_page_token:
        request.page_token = page.next_page_token
        page = await world.call("ListProjectSheets", request, made.BACK)
        seen += [each.name for each in page.project_sheets]
    assert len(set(seen)) == len(seen) == 5
    for party, role, count in (
        (made.STRANGER, "registrar", 0),
        ("szedu", "bureau_officer", 5),
    ):
        page = await world.call("ListProjectSheets", request_of_first(world), party, role)
        assert (len(page.project_sheets), page.totals.project_count) == (count, count)


def request_of_first(world: World) -> Any:
    return world.request("ListProjectSheets")


async def test_headcounts_are_by_school_level_and_major_with_totals(world: World) -> None:
    answer = await world.call("ListHeadcounts", world.request("ListHeadcounts"))
    (row,) = answer.headcounts
    assert (row.organisation, row.major_code) == (f"organisations/{made.FRONT}", "690101")
    assert (row.in_school_count, row.on_books_count) == (1, 1)
    assert (answer.total_in_school_count, answer.total_on_books_count) == (1, 1)
    other = world.request("ListHeadcounts", organisation=f"organisations/{made.FRONT}")
    code, details = await refused(world, "ListHeadcounts", other, made.BACK)
    assert (code, details["reason"]) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    overseen = await world.call("ListHeadcounts", other, "szedu", "bureau_officer")
    assert list(overseen.headcounts) == [row]


@pytest.mark.parametrize(
    ("conclusion", "on", "why", "code"),
    [
        (StatusRecord.STATUS_COMPLETED, YESTERDAY, CohortMember.WHY_COMPLETED, "08"),
        (StatusRecord.STATUS_ATTENDED, YESTERDAY, CohortMember.WHY_ATTENDED, "09"),
        (
            StatusRecord.STATUS_ATTENDED,
            Date(year=2021, month=9, day=1),
            CohortMember.WHY_ATTENDED,
            "09",
        ),
    ],
)
async def test_who_ends_the_front_stage_without_a_diploma_leaves_and_is_not_registered(
    world: World, conclusion: int, on: Date, why: int, code: str
) -> None:
    request = world.request("ConcludeStatusRecord", conclusion=conclusion, conclude_date=on)
    record = await world.call("ConcludeStatusRecord", request)
    assert (record.state, record.status_code) == (StatusRecord.STATE_ENDED, code)
    assert (record.certificate_number, record.diploma_number) == ("JY20233201", "")
    assert record.valid_to_date == on
    member = await world.call("GetCohortMember", world.request("GetCohortMember"))
    assert (member.state, member.why) == (CohortMember.STATE_LEFT, why)
    # The arrival that waited for a diploma waits for nothing now.
    registration = await world.call(
        "GetBackStageRegistration", world.request("GetBackStageRegistration")
    )
    assert registration.blocking_reason == BackStageRegistration.BLOCKING_REASON_NOT_A_MEMBER
    graduation = world.request("GraduateStatusRecord", etag=record.etag, request_id=str(uuid4()))
    refusal, details = await refused(world, "GraduateStatusRecord", graduation)
    assert (refusal, details["reason"]) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "STUDENT_NOT_IN_SCHOOL",
    )
