"""Broken rules, stale versions, foreign callers: each answered clearly, and nothing changed.

Which role may call what is said, and tried, by the table of rights (test_rights).
"""

from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from guantong.enrollment.v1.cohort_pb2 import CohortMember
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from tests.enrollment import made
from tests.enrollment.edge.world import (
    CALLERS,
    GETS,
    MUTATIONS,
    World,
    make_world,
    refused,
    request_class,
)
from tests.served import Served

Code = grpc.StatusCode
NOWHERE = str(uuid4())


@pytest.fixture(scope="module")
async def world(enrollment: Served) -> World:
    return await make_world(enrollment)


@pytest.mark.parametrize(
    ("rpc", "changes", "code", "reason", "field"),
    [
        (
            "CreateOrganisation",
            {"organisation_id": made.FRONT},
            Code.ALREADY_EXISTS,
            "ORGANISATION_ALREADY_REGISTERED",
            None,
        ),
        (
            "CreateOrganisation",
            {"region_code": "990101"},
            Code.INVALID_ARGUMENT,
            "REGION_CODE_UNKNOWN",
            "region_code",
        ),
        (
            "CreateOrganisation",
            {"region_code": "320825"},
            Code.INVALID_ARGUMENT,
            "REGION_CODE_NOT_IN_FORCE",
            "region_code",
        ),
        (
            "CreateOrganisation",
            {"school_code": "4132110333"},
            Code.INVALID_ARGUMENT,
            "SCHOOL_CODE_WRONG",
            "school_code",
        ),
        (
            "CreateOrganisation",
            {"zone": f"organisations/{made.BACK}"},
            Code.INVALID_ARGUMENT,
            "NOT_ZONE",
            "zone",
        ),
        (
            "CreateOrganisation",
            {"reports_to": ["organisations/nowhere"]},
            Code.NOT_FOUND,
            "RESOURCE_NOT_FOUND",
            None,
        ),
        (
            "RenameOrganisation",
            {"effective_date": Date(year=2023, month=3, day=2)},
            Code.INVALID_ARGUMENT,
            "EFFECTIVE_DATE_WRONG",
            "effective_date",
        ),
        (
            "RenameOrganisation",
            {"display_name": f"学校{made.FRONT}"},
            Code.INVALID_ARGUMENT,
            "NAME_UNCHANGED",
            "display_name",
        ),
        (
            "ReassignOrganisation",
            {"reports_to": [f"organisations/{made.FRONT}"]},
            Code.INVALID_ARGUMENT,
            "REPORTS_TO_ITSELF",
            "reports_to",
        ),
        (
            "MergeOrganisation",
            {"successor": f"organisations/{made.FRONT}"},
            Code.INVALID_ARGUMENT,
            "SUCCESSORS_WRONG",
            "successors",
        ),
        (
            "MergeOrganisation",
            {"successor": "organisations/zone"},
            Code.FAILED_PRECONDITION,
            "SUCCESSOR_NOT_IN_OPERATION",
            None,
        ),
        (
            "SplitOrganisation",
            {"continues": False},
            Code.INVALID_ARGUMENT,
            "SUCCESSORS_WRONG",
            "successors",
        ),
        (
            "ResolveMajor",
            {"code": "690199"},
            Code.NOT_FOUND,
            "MAJOR_UNKNOWN",
            None,
        ),
        (
            "RetireMajor",
            {"valid_to_date": Date(year=2020, month=12, day=31)},
            Code.FAILED_PRECONDITION,
            "MAJOR_DATES_WRONG",
            None,
        ),
        (
            "CreateOrganisation",
            {"uscc": "12320500MB00000091"},
            Code.INVALID_ARGUMENT,
            "USCC_CHECK_DIGIT_WRONG",
            "uscc",
        ),
        (
            "DeclarePathwayProject",
            {"approval_year": 2020},
            Code.ALREADY_EXISTS,
            "PATHWAY_PROJECT_ALREADY_DECLARED",
            None,
        ),
        (
            "DeclarePathwayProject",
            {"back_organisation": f"organisations/{made.STRANGER}"},
            Code.PERMISSION_DENIED,
            "NOT_BACK_COLLEGE",
            None,
        ),
        (
            "DeclarePathwayProject",
            {"front_organisation": f"organisations/{made.STRANGER}"},
            Code.FAILED_PRECONDITION,
            "PATHWAY_LEVELS_WRONG",
            None,
        ),
        (
            "DeclarePathwayProject",
            {"front_internship_arrangement": 2},
            Code.INVALID_ARGUMENT,
            "INTERNSHIP_ARRANGEMENT_WRONG",
            "front_internship_arrangement",
        ),
        (
            "OpenCohort",
            {"intake_date": Date(year=2021, month=9, day=1)},
            Code.INVALID_ARGUMENT,
            "INTAKE_YEAR_WRONG",
            "intake_date",
        ),
        (
            "EnrollCohortMember",
            {"class_name": "食品2009"},
            Code.INVALID_ARGUMENT,
            "CLASS_UNKNOWN",
            "class_name",
        ),
        (
            "EnrollCohortMember",
            {"id_number": "110105194912310021"},
            Code.INVALID_ARGUMENT,
            "ID_NUMBER_INVALID",
            "id_number",
        ),
        # 29 February of a common year; tomorrow's child.
        (
            "EnrollCohortMember",
            {"id_number": made.with_check("32132320050229001")},
            Code.INVALID_ARGUMENT,
            "ID_NUMBER_INVALID",
            "id_number",
        ),
        (
            "EnrollCohortMember",
            {"id_number": made.with_check("32132320230302001")},
            Code.INVALID_ARGUMENT,
            "ID_NUMBER_INVALID",
            "id_number",
        ),
        (
            "EnrollCohortMember",
            {"id_number": made.id_number(77)},
            Code.ALREADY_EXISTS,
            "PERSON_ALREADY_ENROLLED",
            None,
        ),
        (
            "AssignClass",
            {"class_name": made.CLASSES[0]},
            Code.INVALID_ARGUMENT,
            "CLASS_UNCHANGED",
            "class_name",
        ),
        (
            "AssignClass",
            {"class_name": "普通2001"},
            Code.INVALID_ARGUMENT,
            "CLASS_UNKNOWN",
            "class_name",
        ),
        (
            "AssignClass",
            {"why": CohortMember.WHY_WITHDREW},
            Code.INVALID_ARGUMENT,
            "WHY_WRONG",
            "why",
        ),
        (
            "RemoveCohortMember",
            {"why": CohortMember.WHY_GRADUATED},
            Code.INVALID_ARGUMENT,
            "WHY_WRONG",
            "why",
        ),
        (
            "RenameClass",
            {"new_class_name": made.CLASSES[1]},
            Code.ALREADY_EXISTS,
            "CLASS_NAME_TAKEN",
            None,
        ),
        (
            "RenameClass",
            {"class_name": "普通2001"},
            Code.INVALID_ARGUMENT,
            "CLASS_UNKNOWN",
            "class_name",
        ),
        (
            "ConcludeStatusRecord",
            {"conclude_date": Date(year=2022, month=12, day=31)},
            Code.INVALID_ARGUMENT,
            "COMPLETION_TOO_EARLY",
            "conclude_date",
        ),
        (
            "ConcludeStatusRecord",
            {
                "conclusion": StatusRecord.STATUS_ATTENDED,
                "conclude_date": Date(year=2021, month=8, day=31),
            },
            Code.INVALID_ARGUMENT,
            "ATTENDANCE_TOO_SHORT",
            "conclude_date",
        ),
        (
            "ConcludeStatusRecord",
            {"conclude_date": Date(year=2023, month=3, day=2)},
            Code.INVALID_ARGUMENT,
            "CONCLUSION_IN_FUTURE",
            "conclude_date",
        ),
        (
            "GraduateStatusRecord",
            {"graduate_date": Date(year=2020, month=8, day=31)},
            Code.INVALID_ARGUMENT,
            "GRADUATION_BEFORE_ENTRY",
            "graduate_date",
        ),
        (
            "AdvanceClock",
            {"business_time": Timestamp(seconds=1)},
            Code.FAILED_PRECONDITION,
            "CLOCK_MOVES_FORWARD_ONLY",
            None,
        ),
    ],
)
async def test_a_broken_rule_is_said(  # noqa: PLR0917
    world: World,
    rpc: str,
    changes: dict[str, Any],
    code: grpc.StatusCode,
    reason: str,
    field: str | None,
) -> None:
    found, details = await refused(world, rpc, world.request(rpc, **changes))
    assert (found, details["reason"]) == (code, reason)
    assert list(details["fields"]) == ([field] if field else [])
    assert made.id_number(77) not in str(details)


async def test_a_project_that_waits_for_approval_has_no_cohort(world: World) -> None:
    request = world.request("OpenCohort", pathway_project=world.declared.name)
    code, details = await refused(world, "OpenCohort", request)
    assert (code, details["reason"]) == (
        Code.FAILED_PRECONDITION,
        "PATHWAY_PROJECT_NOT_APPROVED",
    )


async def test_a_project_is_not_approved_again(world: World) -> None:
    request = world.request(
        "ApprovePathwayProject", name=world.project.name, etag=world.project.etag
    )
    code, details = await refused(world, "ApprovePathwayProject", request)
    assert (code, details["reason"]) == (
        Code.FAILED_PRECONDITION,
        "PATHWAY_PROJECT_NOT_DECLARED",
    )


@pytest.mark.parametrize(
    ("rpc", "project", "reason"),
    [
        ("OpenCohort", "stopped", "PATHWAY_PROJECT_TAKES_NO_INTAKE"),
        ("StopPathwayProject", "declared", "PATHWAY_PROJECT_NOT_STOPPABLE"),
        ("ClosePathwayProject", "approved", "PATHWAY_PROJECT_NOT_CLOSABLE"),
    ],
)
async def test_a_project_in_another_state_is_left_as_it_is(
    world: World, rpc: str, project: str, reason: str
) -> None:
    found = getattr(world, project)
    if rpc == "OpenCohort":
        request = world.request(rpc, pathway_project=found.name)
    else:
        request = world.request(rpc, name=found.name, etag=found.etag)
    code, details = await refused(world, rpc, request)
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, reason)


async def test_a_project_has_one_cohort(world: World) -> None:
    request = world.request(
        "OpenCohort",
        pathway_project=world.project.name,
        intake_date=Date(year=2020, month=9, day=1),
    )
    code, details = await refused(world, "OpenCohort", request)
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "COHORT_ALREADY_OPENED")
    assert details["metadata"] == {"name": world.cohort.name}


TRANSITIONS = [rpc for rpc in MUTATIONS if "etag" in request_class(rpc).DESCRIPTOR.fields_by_name]


@pytest.mark.parametrize("rpc", TRANSITIONS)
async def test_a_stale_version_is_told_both(world: World, rpc: str) -> None:
    code, details = await refused(world, rpc, world.request(rpc, etag='"9"'))
    assert (code, details["reason"]) == (Code.ABORTED, "ETAG_MISMATCH")
    assert details["metadata"] == {"expected": '"9"', "actual": world.request(rpc).etag}


@pytest.mark.parametrize("rpc", [*TRANSITIONS, *GETS])
async def test_what_does_not_exist_is_not_found(world: World, rpc: str) -> None:
    request = world.request(rpc)
    collection, _, _ = request.name.partition("/")
    nowhere = {"organisations": "nowhere", "majors": "2021-699999"}.get(collection, NOWHERE)
    request.name = f"{collection}/{nowhere}"
    code, details = await refused(world, rpc, request)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert details["metadata"] == {"name": request.name}


ORGANISATION_CHANGES = {rpc for rpc in TRANSITIONS if "Organisation" in rpc}
OPEN_TO_ALL = {
    *ORGANISATION_CHANGES,
    "RetireMajor",
    "GetMajor",
    "ApprovePathwayProject",
    "StopPathwayProject",
    "GetOrganisation",
    "GetPathwayProject",
}


@pytest.mark.parametrize("rpc", [each for each in (*TRANSITIONS, *GETS) if each not in OPEN_TO_ALL])
async def test_a_stranger_is_answered_as_if_it_did_not_exist(world: World, rpc: str) -> None:
    role = CALLERS.get(rpc, ("", "registrar"))[1]
    changes = {"etag": '"9"'} if rpc in TRANSITIONS else {}
    request = world.request(rpc, **changes)
    code, details = await refused(world, rpc, request, made.STRANGER, role)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert details["metadata"] == {"name": request.name}


async def test_a_stranger_cannot_enrol_into_a_cohort(world: World) -> None:
    request = world.request("EnrollCohortMember")
    code, details = await refused(world, "EnrollCohortMember", request, made.STRANGER)
    assert (code, details["metadata"]) == (Code.NOT_FOUND, {"name": world.cohort.name})


@pytest.mark.parametrize(
    ("rpc", "reason"),
    [
        ("OpenCohort", "NOT_FRONT_SCHOOL"),
        ("FreezeCohort", "NOT_FRONT_SCHOOL"),
        ("EnrollCohortMember", "NOT_FRONT_SCHOOL"),
        ("RemoveCohortMember", "NOT_FRONT_SCHOOL"),
        ("AssignClass", "NOT_FRONT_SCHOOL"),
        ("RenameClass", "NOT_FRONT_SCHOOL"),
        ("ConcludeStatusRecord", "NOT_RECORD_HOLDER"),
        ("GraduateStatusRecord", "NOT_RECORD_HOLDER"),
    ],
)
async def test_the_back_college_does_not_act_for_the_front_school(
    world: World, rpc: str, reason: str
) -> None:
    role = CALLERS[rpc][1]
    code, details = await refused(world, rpc, world.request(rpc), made.BACK, role)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, reason)
    assert details["domain"] == "enrollment.guantong"


FOUNDING = [rpc for rpc in MUTATIONS if rpc.startswith(("Create", "D", "Ap", "O", "E", "I"))]


@pytest.mark.parametrize("rpc", FOUNDING)
async def test_a_request_id_is_not_used_for_another_body(world: World, rpc: str) -> None:
    # Of a request by which the world was founded.
    used = [row for row in await world.service.rows("request") if row["method"].endswith(rpc)]
    request = world.request(rpc, request_id=str(used[0]["request_id"]))
    code, details = await refused(world, rpc, request)
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED")
