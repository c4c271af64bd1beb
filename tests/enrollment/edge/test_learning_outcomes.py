"""Learning outcomes as they are called: from declaration to a credential that anybody verifies."""

import json
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import learning_outcome_service_pb2 as pb
from guantong.enrollment.v1.learning_outcome_pb2 import CreditConversion, LearningOutcome
from guantong.enrollment.v1.learning_outcome_service_pb2_grpc import LearningOutcomeServiceStub

from chassis.credentials import CredentialInvalid, verify
from tests.enrollment import made
from tests.enrollment.edge.test_private_data import dump, forms_of
from tests.enrollment.edge.world import World, make_world
from tests.served import Served, details_of

NUMBER = "X2022-3213-000178"
TEACHER = (made.FRONT, "registrar")
HEAD = (made.FRONT, "approver")
RPCS = [each.name for each in pb.DESCRIPTOR.services_by_name["LearningOutcomeService"].methods]


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


async def call(world: World, rpc: str, caller: tuple[str, str], **fields: Any) -> Any:
    request = getattr(pb, f"{rpc}Request")(**fields)
    stub = LearningOutcomeServiceStub(world.service.channel)
    return await getattr(stub, rpc)(request, metadata=world.service.token(*caller))


async def do(world: World, rpc: str, caller: tuple[str, str], **fields: Any) -> Any:
    return await call(world, rpc, caller, request_id=str(uuid4()), **fields)


async def step(
    world: World, rpc: str, caller: tuple[str, str], outcome: LearningOutcome, **fields: Any
) -> Any:
    return await do(world, rpc, caller, name=outcome.name, etag=outcome.etag, **fields)


def declaration(world: World, **changes: Any) -> dict[str, Any]:
    fields = {
        "person": world.member.person,
        "kind": LearningOutcome.KIND_CERTIFICATE_X,
        "title": "食品检验管理",
        "issuer_name": "评价组织",
        "issuer_uscc": "91350100M000100Y43",
        "certificate_number": NUMBER,
        "grade": LearningOutcome.GRADE_INTERMEDIATE,
        "credit_tenths": 40,
        "achieve_date": Date(year=2022, month=6, day=30),
        "evidence_sha256": "a" * 64,
    }
    return fields | changes


async def accumulate(world: World) -> LearningOutcome:
    outcome = await do(world, "DeclareLearningOutcome", TEACHER, **declaration(world))
    outcome = await step(world, "VerifyLearningOutcome", HEAD, outcome)
    outcome = await step(
        world,
        "RecogniseLearningOutcome",
        HEAD,
        outcome,
        target_course="食品化学",
        relevance_percent=85,
        credit_tenths=35,
    )
    found: LearningOutcome = await step(world, "AccumulateLearningOutcome", HEAD, outcome)
    return found


async def test_an_outcome_goes_from_declaration_to_credits_and_is_traced(world: World) -> None:
    outcome = await accumulate(world)
    conversion = await do(
        world,
        "ConvertLearningOutcomes",
        HEAD,
        status_record=world.record.name,
        graduation_credit_tenths=60,
    )
    (line,) = conversion.lines
    assert (line.learning_outcome, line.counted_credit_tenths) == (outcome.name, 30)
    (refused,) = line.refused
    assert (refused.rule, refused.credit_tenths) == (CreditConversion.RULE_CONVERTED_MAX, 5)
    assert refused.source
    assert conversion.converted_max.is_default
    got = await call(world, "GetCreditConversion", TEACHER, name=conversion.name)
    assert got == conversion
    listed = await call(world, "ListCreditConversions", TEACHER, person=world.member.person)
    assert list(listed.credit_conversions) == [conversion]
    history = await call(world, "GetLearningOutcomeHistory", TEACHER, name=outcome.name)
    assert [each.state for each in history.versions] == [1, 2, 3, 4, 5]
    account_name = world.member.person.replace("persons", "learningAccounts")
    account = await call(world, "GetLearningAccount", (made.BACK, "registrar"), name=account_name)
    assert (account.accumulated_credit_tenths, account.converted_credit_tenths) == (0, 30)
    before = Date(year=2023, month=2, day=28)
    account = await call(world, "GetLearningAccount", TEACHER, name=account_name, at_date=before)
    assert account.outcomes_count == 0


async def test_an_export_is_verified_offline_and_any_change_is_found(world: World) -> None:
    outcome = await accumulate(world)
    badge = await call(world, "ExportLearningOutcome", TEACHER, name=outcome.name)
    account = world.member.person.replace("persons", "learningAccounts")
    record = await call(world, "ExportLearningAccount", TEACHER, name=account)
    document, whole = json.loads(badge.document), json.loads(record.document)
    trusted = {badge.issuer_did}
    (inner,) = whole["credentialSubject"]["verifiableCredential"]
    for signed in (document, whole, inner):
        assert verify(signed, trusted=trusted) == record.issuer_did
    assert document["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert document["credentialSubject"]["licenseNumber"] == NUMBER
    assert document["credentialSubject"]["creditsEarned"] == 3.5
    assert whole["issuer"]["name"] == document["issuer"]["name"] == f"学校{made.FRONT}"
    assert whole["type"] == ["VerifiableCredential", "ClrCredential"]
    document["credentialSubject"]["creditsEarned"] = 4.0
    inner["credentialSubject"]["achievement"]["name"] = "另一证书"
    for altered in (document, whole, inner):
        with pytest.raises(CredentialInvalid):
            verify(altered, trusted=trusted)


async def test_the_number_of_a_certificate_is_opened_for_schools_only(world: World) -> None:
    outcome = await do(world, "DeclareLearningOutcome", TEACHER, **declaration(world))
    for caller, number in (
        (TEACHER, NUMBER),
        ((made.BACK, "registrar"), NUMBER),
        (("szedu", "bureau_officer"), ""),
    ):
        got = await call(world, "GetLearningOutcome", caller, name=outcome.name)
        assert (got.certificate_number, got.HasField("sealed")) == (number, False)
    dumped = await dump(world.service.base.database)
    assert [form for form in forms_of(NUMBER) if form in dumped] == []


async def test_what_is_refused_is_said_and_changes_nothing(world: World) -> None:
    outcome = await do(world, "DeclareLearningOutcome", TEACHER, **declaration(world))
    before = await world.snapshot()
    again = declaration(world, evidence_sha256="b" * 64)
    stranger = (made.STRANGER, "registrar")
    target = {"name": outcome.name, "etag": outcome.etag, "request_id": str(uuid4())}
    cases: list[tuple[str, tuple[str, str], dict[str, Any], str]] = [
        ("DeclareLearningOutcome", TEACHER, again | {"grade": 9}, "GRADE_WRONG"),
        ("DeclareLearningOutcome", TEACHER, again | {"title": "\t"}, "FIELDS_INVALID"),
        ("DeclareLearningOutcome", TEACHER, again | {"credit_tenths": -1}, "FIELDS_INVALID"),
        ("DeclareLearningOutcome", TEACHER, again | {"evidence_sha256": "A"}, "FIELDS_INVALID"),
        ("DeclareLearningOutcome", stranger, again, "RESOURCE_NOT_FOUND"),
        ("DeclareLearningOutcome", HEAD, again, "PERMISSION_DENIED"),
        ("VerifyLearningOutcome", TEACHER, target, "VERIFIER_IS_DECLARER"),
        ("VerifyLearningOutcome", stranger, target, "RESOURCE_NOT_FOUND"),
        ("VerifyLearningOutcome", HEAD, target | {"etag": '"9"'}, "ETAG_MISMATCH"),
        ("AccumulateLearningOutcome", HEAD, target, "OUTCOME_NOT_AT_STEP"),
        ("ExportLearningOutcome", TEACHER, {"name": outcome.name}, "OUTCOME_NOT_VERIFIED"),
        ("GetLearningOutcome", stranger, {"name": outcome.name}, "RESOURCE_NOT_FOUND"),
        ("GetLearningOutcomeHistory", stranger, {"name": outcome.name}, "RESOURCE_NOT_FOUND"),
    ]
    for rpc, caller, fields, reason in cases:
        own = {"request_id": str(uuid4())} if rpc == "DeclareLearningOutcome" else {}
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call(world, rpc, caller, **own, **fields)
        assert details_of(raised.value)["reason"] == reason, rpc
    assert await world.snapshot() == before


async def test_nobody_without_the_permission_calls(world: World) -> None:
    for rpc in RPCS:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call(world, rpc, (made.FRONT, "nobody"))
        assert details_of(raised.value)["reason"] == "PERMISSION_DENIED", rpc
