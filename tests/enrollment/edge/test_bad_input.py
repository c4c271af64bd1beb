"""Bad input: every missing or malformed field is named, and nothing changed."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.api import field_behavior_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from tests.enrollment.edge.world import (
    GETS,
    LISTS,
    MUTATIONS,
    World,
    make_world,
    refused,
    request_class,
)
from tests.served import Served

Code = grpc.StatusCode
NOWHERE = str(uuid4())
PATTERN, OUT_OF_RANGE = "STRING_PATTERN", "DATE_OUT_OF_RANGE"
REQUIRED = field_behavior_pb2.FieldBehavior.Value("REQUIRED")


@pytest.fixture(scope="module")
async def world(enrollment: Served) -> World:
    return await make_world(enrollment)


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
            {"english_name": "a\x07b"},
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
        (
            "DeclarePathwayProject",
            {"front_internship_arrangement": 9},
            {"front_internship_arrangement": "ENUM_DEFINED_ONLY"},
        ),
        ("StopPathwayProject", {"stop_reason": "一" * 201}, {"stop_reason": "STRING_MAX_LEN"}),
        ("StopPathwayProject", {"stop_reason": " "}, {"stop_reason": "TEXT_BLANK"}),
        ("ListIntakeWarnings", {"approval_year": 1999}, {"approval_year": "INT32_GTE_LTE"}),
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
        ("AssignClass", {"class_name": "一" * 41}, {"class_name": "STRING_MAX_LEN"}),
        ("AssignClass", {"class_name": " "}, {"class_name": "TEXT_BLANK"}),
        ("AssignClass", {"why": 99}, {"why": "ENUM_DEFINED_ONLY"}),
        ("RemoveCohortMember", {"why": 99}, {"why": "ENUM_DEFINED_ONLY"}),
        ("RenameClass", {"new_class_name": "\u3000"}, {"new_class_name": "TEXT_BLANK"}),
        ("ConcludeStatusRecord", {"conclusion": 7}, {"conclusion": "ENUM_DEFINED_ONLY"}),
        (
            "ConcludeStatusRecord",
            {"certificate_number": "2023-0001"},
            {"certificate_number": "STRING_PATTERN"},
        ),
        (
            "ConcludeStatusRecord",
            {"conclude_date": Date(year=2023, month=2, day=29)},
            {"conclude_date": "DATE_INVALID"},
        ),
        ("GetCohortCounts", {"name": "persons/me"}, {"name": "STRING_PATTERN"}),
        ("GetCohortCounts", {"at_date": Date(year=2023)}, {"at_date": "DATE_INVALID"}),
        ("GetProjectSheet", {"name": f"cohorts/{NOWHERE}"}, {"name": "STRING_PATTERN"}),
        ("GetProjectSheet", {"at_date": Date(year=1, month=1, day=1)}, {"at_date": OUT_OF_RANGE}),
        ("ListProjectSheets", {"at_date": Date(month=2, day=1)}, {"at_date": "DATE_INVALID"}),
        ("ListProjectSheets", {"approval_year": -1}, {"approval_year": "INT32_GTE"}),
        ("ListProjectSheets", {"front_organisation": "x"}, {"front_organisation": PATTERN}),
        ("ListProjectSheets", {"back_major_code": "49"}, {"back_major_code": PATTERN}),
        ("ListHeadcounts", {"region_prefix": "3"}, {"region_prefix": PATTERN}),
        ("ListHeadcounts", {"organisation": "x"}, {"organisation": PATTERN}),
        ("ListHeadcounts", {"level": 99}, {"level": "ENUM_DEFINED_ONLY"}),
        ("ListHeadcounts", {"at_date": Date(year=2023)}, {"at_date": "DATE_INVALID"}),
        ("ComputeHeadcount", {"major_code": "x"}, {"major_code": PATTERN}),
        ("ListCohortMembers", {"at_date": Date(year=2023)}, {"at_date": "DATE_INVALID"}),
        ("ListCohortMembers", {"left_from_date": Date(day=1)}, {"left_from_date": "DATE_INVALID"}),
        ("ListStatusRecords", {"state": 99}, {"state": "ENUM_DEFINED_ONLY"}),
        ("ListStatusRecords", {"at_date": Date(year=2023)}, {"at_date": "DATE_INVALID"}),
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
