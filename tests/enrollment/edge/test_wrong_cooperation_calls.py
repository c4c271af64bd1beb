"""Wrong calls of cooperations: rules broken, malformed, foreign, denied; nothing changes."""

from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.api import field_behavior_pb2
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import cooperation_service_pb2 as pb
from guantong.enrollment.v1.cooperation_pb2 import Cooperation

from tests.enrollment import made
from tests.enrollment.cooperations import PAPER
from tests.enrollment.edge.cooperation_desk import (
    ALL,
    COLLEGE,
    ENTERPRISE,
    LISTS,
    REQUIRED,
    RPCS,
    SCHOOL,
    Desk,
    make_desk,
    party,
    refused,
)
from tests.served import Served

Code = grpc.StatusCode


@pytest.fixture(scope="module")
async def lasting(enrollment: Served) -> Desk:
    return await make_desk(enrollment)


@pytest.mark.parametrize(
    ("rpc", "changes", "code", "reason"),
    [
        (
            "DraftCooperation",
            {"class_name": "地铁班"},
            Code.INVALID_ARGUMENT,
            "COOPERATION_FACTS_WRONG",
        ),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1), party("organisations/unknown", 3)]},
            Code.INVALID_ARGUMENT,
            "COOPERATION_PARTIES_WRONG",
        ),
        (
            "SignCooperation",
            {"agreement_sha256": PAPER},
            Code.ABORTED,
            "SIGNED_DOCUMENT_MISMATCH",
        ),
        (
            "SignCooperation",
            {"enterprise": ENTERPRISE},
            Code.INVALID_ARGUMENT,
            "SIGNATURE_PAPER_MISSING",
        ),
        ("StartCooperation", {"etag": '"9"'}, Code.ABORTED, "ETAG_MISMATCH"),
        (
            "ChangeCooperationGrade",
            {"grade": Cooperation.GRADE_SCHOOL},
            Code.FAILED_PRECONDITION,
            "GRADE_STEP_WRONG",
        ),
        (
            "FormCooperationBody",
            {"head_organisation": COLLEGE},
            Code.INVALID_ARGUMENT,
            "COOPERATION_BODY_WRONG",
        ),
        (
            "RemoveCooperationMember",
            {"organisation": ENTERPRISE},
            Code.FAILED_PRECONDITION,
            "COOPERATION_MEMBER_WRONG",
        ),
        (
            "AddCooperationMember",
            {"organisation": ENTERPRISE},
            Code.FAILED_PRECONDITION,
            "COOPERATION_MEMBER_WRONG",
        ),
        (
            "AddCooperationPupil",
            {"join_date": Date(year=2020, month=1, day=1)},
            Code.INVALID_ARGUMENT,
            "PUPIL_DATES_WRONG",
        ),
        (
            "AddCooperationPupil",
            {"status_record": f"statusRecords/{uuid4()}"},
            Code.NOT_FOUND,
            "RESOURCE_NOT_FOUND",
        ),
        (
            "RemoveCooperationPupil",
            {"leave_date": Date(year=2020, month=1, day=1)},
            Code.INVALID_ARGUMENT,
            "PUPIL_DATES_WRONG",
        ),
        (
            "NameCooperationHead",
            {"body": Cooperation.Body.KIND_COUNCIL},
            Code.PERMISSION_DENIED,
            "PARTY_NOT_ENTITLED",
        ),
    ],
)
async def test_a_broken_rule_is_said(
    lasting: Desk, rpc: str, changes: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    found, details = await refused(lasting, rpc, lasting.request(rpc, **changes))
    assert (found, details["reason"]) == (code, reason)


async def test_an_articulation_has_no_roster(lasting: Desk) -> None:
    """衔接 carries no quota and makes no place: nobody is put on a roster of it (S0)."""
    name = lasting.running[Cooperation.KIND_ARTICULATION].name
    request = lasting.request("AddCooperationPupil", cooperation=name)
    code, details = await refused(lasting, "AddCooperationPupil", request)
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "COOPERATION_HAS_NO_ROSTER")


@pytest.mark.parametrize(
    ("rpc", "changes", "fields"),
    [
        ("DraftCooperation", {"kind": 99}, {"kind": "ENUM_DEFINED_ONLY"}),
        ("DraftCooperation", {"student_count": -1}, {"student_count": "INT32_GTE_LTE"}),
        ("DraftCooperation", {"class_name": "一" * 61}, {"class_name": "STRING_MAX_LEN"}),
        ("DraftCooperation", {"display_name": " "}, {"display_name": "TEXT_BLANK"}),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1)]},
            {"parties": "REPEATED_MIN_ITEMS"},
        ),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1), party("x", 3)]},
            {"parties[1].organisation": "STRING_PATTERN"},
        ),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1), party(ENTERPRISE, 0)]},
            {"parties[1].role": "ENUM_NOT_IN"},
        ),
        (
            "AttachCooperationAgreement",
            {"agreement": Cooperation.Agreement(number="一", sha256="x")},
            {
                "agreement.sha256": "STRING_PATTERN",
                "agreement.valid_from_date": "REQUIRED",
                "agreement.valid_to_date": "REQUIRED",
            },
        ),
        ("SignCooperation", {"agreement_sha256": "F"}, {"agreement_sha256": "STRING_PATTERN"}),
        ("SignCooperation", {"enterprise": "x"}, {"enterprise": "STRING_PATTERN"}),
        ("SuspendCooperation", {"reason": " "}, {"reason": "TEXT_BLANK"}),
        ("EndCooperation", {"reason": "一" * 201}, {"reason": "STRING_MAX_LEN"}),
        ("ChangeCooperationGrade", {"grade": 9}, {"grade": "ENUM_DEFINED_ONLY"}),
        ("FormCooperationBody", {"members": ["x"]}, {"members[0]": "STRING_PATTERN"}),
        ("AddCooperationMember", {"role": 9}, {"role": "ENUM_DEFINED_ONLY"}),
        ("CountLibraryItems", {"item_count": -1}, {"item_count": "INT32_GTE_LTE"}),
        ("CountLibraryItems", {"use_count": -1}, {"use_count": "INT64_GTE_LTE"}),
        ("NameCooperationHead", {"phone": "x"}, {"phone": "STRING_PATTERN"}),
        (
            "AddCooperationPupil",
            {"join_date": Date(year=2023, month=2, day=30)},
            {"join_date": "DATE_INVALID"},
        ),
        ("CountCooperations", {"date": Date(year=2023)}, {"date": "DATE_INVALID"}),
        ("ListCooperations", {"region_code": "32"}, {"region_code": "STRING_PATTERN"}),
        ("ListCooperationPupils", {"person": "x"}, {"person": "STRING_PATTERN"}),
        *((rpc, {"page_size": -1}, {"page_size": "INT32_GTE"}) for rpc in LISTS),
        *((rpc, {"page_token": "x" * 513}, {"page_token": "STRING_MAX_LEN"}) for rpc in LISTS),
    ],
)
async def test_a_malformed_field_is_named(
    lasting: Desk, rpc: str, changes: dict[str, Any], fields: dict[str, str]
) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc, **changes))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert details["fields"] == fields


@pytest.mark.parametrize(
    ("rpc", "field"),
    [
        (rpc, field.name)
        for rpc in RPCS
        for field in getattr(pb, f"{rpc}Request").DESCRIPTOR.fields
        if REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    ],
)
async def test_a_missing_field_is_named(lasting: Desk, rpc: str, field: str) -> None:
    request = lasting.request(rpc)
    request.ClearField(field)
    code, details = await refused(lasting, rpc, request)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert list(details["fields"]) == [field]


@pytest.mark.parametrize("rpc", LISTS)
async def test_a_page_token_of_ones_own_making_is_refused(lasting: Desk, rpc: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc, page_token="garbage"))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


NAMED = [rpc for rpc in RPCS if not rpc.startswith(("Draft", "List", "CountCoop"))]


@pytest.mark.parametrize("rpc", NAMED)
async def test_a_stranger_is_answered_as_if_there_were_none(lasting: Desk, rpc: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc), party=made.STRANGER)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("rpc", [*LISTS, "CountCooperations"])
async def test_a_stranger_finds_nothing_in_a_list(lasting: Desk, rpc: str) -> None:
    assert (await lasting.call(rpc, lasting.request(rpc))).ListFields()
    answer = await lasting.call(rpc, lasting.request(rpc), party=made.STRANGER)
    assert not answer.ListFields()


@pytest.mark.parametrize(
    ("rpc", "role"), [(rpc, role) for rpc in RPCS for role in sorted(ALL - RPCS[rpc][1])]
)
async def test_a_role_without_the_permission_is_denied(lasting: Desk, rpc: str, role: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc), role=role)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")
