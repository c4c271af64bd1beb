"""Bad input, foreign callers and broken rules: each answered clearly, and nothing changed."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.api import field_behavior_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from tests.enrollment import made
from tests.enrollment.edge.world import (
    CALLERS,
    GETS,
    LISTS,
    MUTATIONS,
    RPCS,
    World,
    make_world,
    request_class,
)
from tests.served import Served, details_of

Code = grpc.StatusCode
NOWHERE = str(uuid4())
REQUIRED = field_behavior_pb2.FieldBehavior.Value("REQUIRED")
# Whoever of them may not call at all is told so before anything is looked at.
ROLES = (
    "administrator",
    "registrar",
    "approver",
    "bureau_officer",
    "assistance_officer",
    "fund_approver",
    "auditor",
    "agent",
    "nobody",
)


@pytest.fixture(scope="module")
async def world(enrollment: Served) -> World:
    return await make_world(enrollment)


async def refused(
    world: World, rpc: str, request: Any, party: str = "", role: str = ""
) -> tuple[grpc.StatusCode, dict[str, Any]]:
    """Call an RPC that must be refused; return the code and the details. Nothing may change."""
    before = await world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call(rpc, request, party, role)
    assert await world.snapshot() == before
    details = details_of(raised.value)
    assert set(details["texts"]) == {"zh-CN", "en"}
    assert all(details["texts"].values())
    assert "?" not in details["texts"]["en"]
    return raised.value.code(), details


def required_fields() -> list[tuple[str, str]]:
    return [
        (rpc, field.name)
        for rpc in (*MUTATIONS, *GETS, "AdvanceClock")
        for field in request_class(rpc).DESCRIPTOR.fields
        if REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    ]


@pytest.mark.parametrize(("rpc", "field"), required_fields())
async def test_a_missing_field_is_named(world: World, rpc: str, field: str) -> None:
    request = world.request(rpc)
    request.ClearField(field)
    code, details = await refused(world, rpc, request)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert list(details["fields"]) == [field]


@pytest.mark.parametrize(
    ("rpc", "changes", "fields"),
    [
        ("CreateOrganisation", {"request_id": "1"}, {"request_id": "STRING_UUID"}),
        ("CreateOrganisation", {"organisation_id": "Cslg"}, {"organisation_id": "STRING_PATTERN"}),
        (
            "CreateOrganisation",
            {"organisation_id": "a" * 32},
            {"organisation_id": "STRING_PATTERN"},
        ),
        ("CreateOrganisation", {"display_name": "一" * 121}, {"display_name": "STRING_MAX_LEN"}),
        ("CreateOrganisation", {"display_name": " \u3000"}, {"display_name": "TEXT_BLANK"}),
        (
            "CreateOrganisation",
            {"display_name": "学校\u202e"},
            {"display_name": "TEXT_HAS_HIDDEN_CHARACTERS"},
        ),
        (
            "CreateOrganisation",
            {"english_name": "a\x00b"},
            {"english_name": "TEXT_HAS_HIDDEN_CHARACTERS"},
        ),
        ("CreateOrganisation", {"raw_names": ["一"] * 17}, {"raw_names": "REPEATED_MAX_ITEMS"}),
        ("CreateOrganisation", {"raw_names": ["一", ""]}, {"raw_names[1]": "STRING_MIN_LEN"}),
        ("CreateOrganisation", {"raw_names": ["一", " "]}, {"raw_names[1]": "TEXT_BLANK"}),
        ("CreateOrganisation", {"kind": 99}, {"kind": "ENUM_DEFINED_ONLY"}),
        ("CreateOrganisation", {"region_code": "000000"}, {"region_code": "STRING_PATTERN"}),
        ("CreateOrganisation", {"region_code": "３20500"}, {"region_code": "STRING_PATTERN"}),
        ("CreateOrganisation", {"region_code": "320500\n"}, {"region_code": "STRING_PATTERN"}),
        ("CreateOrganisation", {"school_code": "123"}, {"school_code": "STRING_PATTERN"}),
        ("CreateOrganisation", {"uscc": "12320500mb00000090"}, {"uscc": "STRING_PATTERN"}),
        ("DeclarePathwayProject", {"type": 99}, {"type": "ENUM_DEFINED_ONLY"}),
        ("DeclarePathwayProject", {"approval_year": 1999}, {"approval_year": "INT32_GTE_LTE"}),
        ("DeclarePathwayProject", {"approval_year": 2101}, {"approval_year": "INT32_GTE_LTE"}),
        ("DeclarePathwayProject", {"front_plan": -1}, {"front_plan": "INT32_GTE_LTE"}),
        ("DeclarePathwayProject", {"back_plan": 5001}, {"back_plan": "INT32_GTE_LTE"}),
        (
            "DeclarePathwayProject",
            {"front_organisation": "siyang"},
            {"front_organisation": "STRING_PATTERN"},
        ),
        (
            "DeclarePathwayProject",
            {"front_major_code": "69010"},
            {"front_major_code": "STRING_PATTERN"},
        ),
        (
            "ApprovePathwayProject",
            {"name": f"cohorts/{NOWHERE}"},
            {"name": "STRING_PATTERN"},
        ),
        ("ApprovePathwayProject", {"etag": "1" * 33}, {"etag": "STRING_MAX_LEN"}),
        ("OpenCohort", {"class_names": ["1"] * 21}, {"class_names": "REPEATED_MAX_ITEMS"}),
        (
            "OpenCohort",
            {"intake_date": Date(year=2022, month=2, day=30)},
            {"intake_date": "DATE_INVALID"},
        ),
        ("OpenCohort", {"intake_date": Date(year=2022)}, {"intake_date": "DATE_INVALID"}),
        ("FreezeCohort", {"name": "cohorts/1"}, {"name": "STRING_PATTERN"}),
        ("FreezeCohort", {"name": f"cohorts/{NOWHERE.upper()}"}, {"name": "STRING_PATTERN"}),
        # A lower-case x, full-width digits, one character too many.
        (
            "EnrollCohortMember",
            {"id_number": "11010519491231002x"},
            {"id_number": "STRING_PATTERN"},
        ),
        (
            "EnrollCohortMember",
            {"id_number": "１1010519491231002X"},
            {"id_number": "STRING_PATTERN"},
        ),
        (
            "EnrollCohortMember",
            {"id_number": "11010519491231002XX"},
            {"id_number": "STRING_PATTERN"},
        ),
        ("EnrollCohortMember", {"admission_number": "123"}, {"admission_number": "STRING_MIN_LEN"}),
        ("EnrollCohortMember", {"ethnicity_code": "1"}, {"ethnicity_code": "STRING_PATTERN"}),
        ("EnrollCohortMember", {"display_name": "一" * 61}, {"display_name": "STRING_MAX_LEN"}),
        (
            "EnrollCohortMember",
            {"display_name": "王\u200b二"},
            {"display_name": "TEXT_HAS_HIDDEN_CHARACTERS"},
        ),
        ("RemoveCohortMember", {"left_reason": "一" * 201}, {"left_reason": "STRING_MAX_LEN"}),
        ("RemoveCohortMember", {"left_reason": "\t"}, {"left_reason": "TEXT_BLANK"}),
        (
            "GraduateStatusRecord",
            {"diploma_number": "2023-0001"},
            {"diploma_number": "STRING_PATTERN"},
        ),
        (
            "GraduateStatusRecord",
            {"graduate_date": Date(year=2023, month=13, day=1)},
            {"graduate_date": "DATE_INVALID"},
        ),
        ("GetPerson", {"name": "persons/me"}, {"name": "STRING_PATTERN"}),
        ("GetOrganisation", {"name": "organisations/../x"}, {"name": "STRING_PATTERN"}),
        ("ListOrganisations", {"kind": 99}, {"kind": "ENUM_DEFINED_ONLY"}),
        ("ListOrganisations", {"region_code": "32"}, {"region_code": "STRING_PATTERN"}),
        ("ListPathwayProjects", {"approval_year": -1}, {"approval_year": "INT32_GTE"}),
        ("ListCohorts", {"pathway_project": "x"}, {"pathway_project": "STRING_PATTERN"}),
        ("ListCohortMembers", {"cohort": "x"}, {"cohort": "STRING_PATTERN"}),
        ("ListCohortMembers", {"state": -1}, {"state": "ENUM_DEFINED_ONLY"}),
        ("ListStatusRecords", {"person": "x"}, {"person": "STRING_PATTERN"}),
        ("ListStatusRecords", {"organisation": "x"}, {"organisation": "STRING_PATTERN"}),
        ("ListBackStageRegistrations", {"state": 99}, {"state": "ENUM_DEFINED_ONLY"}),
        *((rpc, {"page_size": -1}, {"page_size": "INT32_GTE"}) for rpc in LISTS),
        *((rpc, {"page_token": "x" * 513}, {"page_token": "STRING_MAX_LEN"}) for rpc in LISTS),
        (
            "AdvanceClock",
            {"business_time": Timestamp(seconds=2**60)},
            {"business_time": "TIME_INVALID"},
        ),
    ],
)
async def test_a_malformed_field_is_named(
    world: World, rpc: str, changes: dict[str, Any], fields: Mapping[str, str]
) -> None:
    code, details = await refused(world, rpc, world.request(rpc, **changes))
    assert (code, details["reason"], details["domain"]) == (
        Code.INVALID_ARGUMENT,
        "FIELDS_INVALID",
        "guantong",
    )
    assert details["fields"] == fields


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
    assert details["metadata"] == {"expected": '"9"', "actual": '"1"'}


@pytest.mark.parametrize("rpc", [*TRANSITIONS, *GETS])
async def test_what_does_not_exist_is_not_found(world: World, rpc: str) -> None:
    request = world.request(rpc)
    collection, _, identity = request.name.partition("/")
    request.name = f"{collection}/{NOWHERE if '-' in identity else 'nowhere'}"
    code, details = await refused(world, rpc, request)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert details["metadata"] == {"name": request.name}


OPEN_TO_ALL = {"ApprovePathwayProject", "GetOrganisation", "GetPathwayProject"}


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


FOUNDING = [rpc for rpc in MUTATIONS if rpc.startswith(("Create", "D", "A", "O", "E"))]


@pytest.mark.parametrize("rpc", FOUNDING)
async def test_a_request_id_is_not_used_for_another_body(world: World, rpc: str) -> None:
    # Of a request by which the world was founded.
    used = [row for row in await world.service.rows("request") if row["method"].endswith(rpc)]
    request = world.request(rpc, request_id=str(used[0]["request_id"]))
    code, details = await refused(world, rpc, request)
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED")


def denied() -> list[tuple[str, str]]:
    allowed = {rpc: {role} for rpc, (_, role) in CALLERS.items()}
    readers = {"administrator", "registrar", "approver", "bureau_officer", "auditor", "agent"}
    for rpc in (*GETS, *LISTS):
        allowed[rpc] = set(readers)
    for rpc in ("GetPathwayProject", "ListPathwayProjects"):
        allowed[rpc].add("assistance_officer")
    for rpc in ("GetOrganisation", "ListOrganisations"):
        allowed[rpc] |= {"assistance_officer", "fund_approver"}
    allowed["GetClock"] = set(ROLES) - {"nobody"}
    return [(rpc, role) for rpc in RPCS for role in ROLES if role not in allowed[rpc]]


@pytest.mark.parametrize(("rpc", "role"), denied())
async def test_a_role_without_the_permission_is_denied(world: World, rpc: str, role: str) -> None:
    party = CALLERS.get(rpc, (made.FRONT, ""))[0]
    code, details = await refused(world, rpc, world.request(rpc), party, role)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")


@pytest.mark.parametrize("rpc", LISTS)
@pytest.mark.parametrize("token", ["garbage", "W10=", "eyJhIjoxfQ=="])
async def test_a_page_token_of_ones_own_making_is_refused(
    world: World, rpc: str, token: str
) -> None:
    code, details = await refused(world, rpc, world.request(rpc, page_token=token))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


async def test_a_message_that_is_too_large_is_refused(world: World) -> None:
    before = await world.snapshot()
    request = world.request("CreateOrganisation", display_name="一" * 2_000_000)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call("CreateOrganisation", request)
    assert raised.value.code() is Code.RESOURCE_EXHAUSTED
    assert await world.snapshot() == before
