"""The calls of agreements: answered, repeated, denied, foreign, malformed."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import cooperation_agreement_service_pb2 as pb
from guantong.enrollment.v1.cooperation_agreement_pb2 import CooperationAgreement
from guantong.enrollment.v1.cooperation_agreement_service_pb2_grpc import (
    CooperationAgreementServiceStub,
)

from tests.enrollment import made
from tests.enrollment.edge.world import World, make_world
from tests.served import Served, details_of

Code = grpc.StatusCode
REGISTRAR, APPROVER = "registrar", "approver"
ALL = {
    "administrator",
    "registrar",
    "approver",
    "bureau_officer",
    "assistance_officer",
    "fund_approver",
    "auditor",
    "agent",
}
READERS = ALL - {"assistance_officer", "fund_approver"}
# Who may call each RPC: the party of the requests below, and the roles.
RPCS: dict[str, tuple[str, set[str]]] = {
    "DraftCooperationAgreement": (made.BACK, {REGISTRAR}),
    "ProposeAgreementTerms": (made.FRONT, {REGISTRAR}),
    "ApproveAgreementTerms": (made.FRONT, {APPROVER}),
    "GiveExitNotice": (made.FRONT, {APPROVER}),
    "WithdrawExitNotice": (made.FRONT, {APPROVER}),
    "EndCooperationAgreement": (made.FRONT, {APPROVER}),
    "NameAgreementContact": (made.FRONT, {REGISTRAR}),
    "GetCooperationAgreement": (made.FRONT, READERS),
    "ListCooperationAgreements": (made.FRONT, READERS),
    "ListAgreementRevisions": (made.FRONT, READERS),
    "GetAgreementContact": (made.FRONT, READERS),
    "ListAgreementContacts": (made.FRONT, READERS),
}
NAME, PHONE = "测试联系人甲", "0512-12345678"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Calls the service; knows an agreement whose terms wait, and one in force."""

    world: World
    waiting: CooperationAgreement
    concluded: CooperationAgreement
    contact: str

    async def call(self, rpc: str, request: Any, *, party: str = "", role: str = "") -> Any:
        return await call(self.world.service, rpc, request, party=party, role=role)

    def request(self, rpc: str, **changes: Any) -> Any:
        fields: dict[str, dict[str, Any]] = {
            "DraftCooperationAgreement": {
                "pathway_project": self.world.large.name,
                "terms": terms(),
            },
            "ProposeAgreementTerms": {**target(self.waiting), "terms": terms(class_count=1)},
            "ApproveAgreementTerms": {
                **target(self.waiting),
                "terms_hash": self.waiting.pending.terms_hash,
            },
            "GiveExitNotice": {**target(self.concluded), "exit_reason": "专业调整"},
            "WithdrawExitNotice": target(self.concluded),
            "EndCooperationAgreement": target(self.concluded),
            "NameAgreementContact": contact_fields(self.waiting),
            "GetCooperationAgreement": {"name": self.waiting.name},
            "ListAgreementRevisions": {"cooperation_agreement": self.waiting.name},
            "GetAgreementContact": {"name": self.contact},
        }
        return message(rpc, **{**fields.get(rpc, {}), **changes})


def message(rpc: str, **fields: Any) -> Any:
    kind = getattr(pb, f"{rpc}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        fields.setdefault("request_id", str(uuid4()))
    return kind(**fields)


async def call(service: Served, rpc: str, request: Any, *, party: str = "", role: str = "") -> Any:
    usual_party, roles = RPCS[rpc]
    token = service.token(party or usual_party, role or min(roles, key=lambda r: r != "agent"))
    return await getattr(CooperationAgreementServiceStub(service.channel), rpc)(
        request, metadata=token
    )


def target(agreement: CooperationAgreement) -> dict[str, Any]:
    return {"name": agreement.name, "etag": agreement.etag}


def terms(**changes: Any) -> CooperationAgreement.Terms:
    document = CooperationAgreement.Document(title="衔接人才培养方案", sha256="a" * 64)
    fields: dict[str, Any] = {
        "valid_from_date": Date(year=2020, month=9, day=1),
        "valid_to_date": Date(year=2026, month=6, day=30),
        "training_plan": document,
        "course_standards": document,
        "assessment_syllabus": document,
        "class_count": 2,
        "class_size_max": 40,
        "front_duties": ["单独编班"],
        "back_duties": ["组织转段考核"],
        "clauses": [CooperationAgreement.Clause(heading="经费", text="各自承担")],
    }
    return CooperationAgreement.Terms(**{**fields, **changes})


def contact_fields(agreement: CooperationAgreement) -> dict[str, Any]:
    return {
        "cooperation_agreement": agreement.name,
        "display_name": NAME,
        "phone": PHONE,
        "post": "教务处",
    }


async def make_desk(service: Served) -> Desk:
    world = await make_world(service)
    waiting, concluded = [
        await call(
            service,
            "DraftCooperationAgreement",
            message("DraftCooperationAgreement", pathway_project=each.name, terms=terms()),
        )
        for each in (world.project, world.approved)
    ]
    contact = await call(
        service, "NameAgreementContact", message("NameAgreementContact", **contact_fields(waiting))
    )
    for party in (made.FRONT, made.BACK):
        terms_hash = concluded.pending.terms_hash
        request = message("ApproveAgreementTerms", **target(concluded), terms_hash=terms_hash)
        concluded = await call(service, "ApproveAgreementTerms", request, party=party)
    return Desk(world=world, waiting=waiting, concluded=concluded, contact=contact.name)


@pytest.fixture
async def desk(fresh_enrollment: Served) -> Desk:
    return await make_desk(fresh_enrollment)


@pytest.fixture(scope="module")
async def lasting(enrollment: Served) -> Desk:
    return await make_desk(enrollment)


async def refused(desk: Desk, rpc: str, request: Any, **by: str) -> tuple[Any, dict[str, Any]]:
    before = await desk.world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await desk.call(rpc, request, **by)
    assert await desk.world.snapshot() == before
    return raised.value.code(), details_of(raised.value)


async def test_both_sides_see_the_terms_and_whose_turn_it_is(desk: Desk) -> None:
    pending = desk.waiting.pending
    assert desk.waiting.state == CooperationAgreement.STATE_NEGOTIATING
    assert (desk.waiting.holder, desk.waiting.version) == (f"organisations/{made.FRONT}", 1)
    assert desk.waiting.deadline_date.year == 2023
    assert pending.terms == terms()
    assert hashlib.sha256(pending.document.encode()).hexdigest() == pending.terms_hash
    for party in (made.FRONT, made.BACK):
        found = await desk.call(
            "GetCooperationAgreement", desk.request("GetCooperationAgreement"), party=party
        )
        assert found == desk.waiting
    for filters, count in (({"holder": f"organisations/{made.FRONT}"}, 1), ({"state": 2}, 1)):
        request = desk.request("ListCooperationAgreements", **filters)
        answer = await desk.call("ListCooperationAgreements", request)
        assert len(answer.cooperation_agreements) == count


async def test_terms_in_force_stay_while_others_wait_and_the_history_is_read(desk: Desk) -> None:
    assert desk.concluded.state == CooperationAgreement.STATE_IN_FORCE
    request = desk.request(
        "ProposeAgreementTerms", **target(desk.concluded), terms=terms(class_count=1)
    )
    changed = await desk.call("ProposeAgreementTerms", request)
    assert changed.in_force == desk.concluded.in_force
    assert (changed.pending.number, changed.holder) == (2, f"organisations/{made.BACK}")
    request = desk.request("ListAgreementRevisions", cooperation_agreement=changed.name)
    answer = await desk.call("ListAgreementRevisions", request)
    assert list(answer.revisions) == [changed.in_force, changed.pending]


async def test_one_side_gives_notice_and_withdraws_it(desk: Desk) -> None:
    exiting = await desk.call("GiveExitNotice", desk.request("GiveExitNotice"))
    assert exiting.state == CooperationAgreement.STATE_EXITING
    assert exiting.exit_organisation == f"organisations/{made.FRONT}"
    code, details = await refused(
        desk, "EndCooperationAgreement", message("EndCooperationAgreement", **target(exiting))
    )
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "NOTICE_PERIOD_RUNNING")
    request = message("WithdrawExitNotice", **target(exiting))
    stays = await desk.call("WithdrawExitNotice", request)
    assert stays.state == CooperationAgreement.STATE_IN_FORCE


@pytest.mark.parametrize(
    "rpc",
    [
        "DraftCooperationAgreement",
        "ProposeAgreementTerms",
        "ApproveAgreementTerms",
        "GiveExitNotice",
        "NameAgreementContact",
    ],
)
async def test_a_repeated_request_repeats_the_answer(desk: Desk, rpc: str) -> None:
    request = desk.request(rpc)
    answer = await desk.call(rpc, request)
    after = await desk.world.snapshot()
    assert await desk.call(rpc, request) == answer
    assert await desk.world.snapshot() == after


@pytest.mark.parametrize(
    ("party", "role", "name"),
    [
        (made.FRONT, "agent", NAME),
        (made.BACK, "agent", NAME),
        ("szedu", "bureau_officer", ""),
        ("suite", "system", ""),
    ],
)
async def test_a_contact_is_opened_for_both_schools_only(
    lasting: Desk, party: str, role: str, name: str
) -> None:
    request = lasting.request("GetAgreementContact")
    contact = await lasting.call("GetAgreementContact", request, party=party, role=role)
    assert (contact.display_name, contact.phone) == (name, PHONE if name else "")
    assert contact.HasField("sealed") is (role == "system")


async def test_no_contact_is_stored_in_clear(lasting: Desk) -> None:
    stored = str(await lasting.world.snapshot())
    assert NAME not in stored
    assert PHONE not in stored


@pytest.mark.parametrize(
    ("rpc", "changes", "code", "reason"),
    [
        ("ApproveAgreementTerms", {"terms_hash": "f" * 64}, Code.ABORTED, "TERMS_HASH_MISMATCH"),
        ("ProposeAgreementTerms", {"terms": terms()}, Code.FAILED_PRECONDITION, "TERMS_UNCHANGED"),
        ("WithdrawExitNotice", {}, Code.FAILED_PRECONDITION, "NO_EXIT_NOTICE"),
        ("EndCooperationAgreement", {}, Code.FAILED_PRECONDITION, "NO_EXIT_NOTICE"),
        (
            "DraftCooperationAgreement",
            {"terms": terms(valid_to_date=Date(year=2019, month=1, day=1))},
            Code.INVALID_ARGUMENT,
            "AGREEMENT_PERIOD_REVERSED",
        ),
        ("GiveExitNotice", {"etag": '"9"'}, Code.ABORTED, "ETAG_MISMATCH"),
        ("ApproveAgreementTerms", {"terms_hash": "F"}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        ("NameAgreementContact", {"phone": "x"}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        ("NameAgreementContact", {"post": " "}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        (
            "DraftCooperationAgreement",
            {"terms": terms(class_count=0)},
            Code.INVALID_ARGUMENT,
            "FIELDS_INVALID",
        ),
        (
            "DraftCooperationAgreement",
            {"terms": terms(front_duties=[" "])},
            Code.INVALID_ARGUMENT,
            "FIELDS_INVALID",
        ),
    ],
)
async def test_a_broken_rule_is_said(
    lasting: Desk, rpc: str, changes: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    found, details = await refused(lasting, rpc, lasting.request(rpc, **changes))
    assert (found, details["reason"]) == (code, reason)


async def test_an_approval_of_another_hash_is_told_both(lasting: Desk) -> None:
    request = lasting.request("ApproveAgreementTerms", terms_hash="f" * 64)
    _, details = await refused(lasting, "ApproveAgreementTerms", request)
    pending = lasting.waiting.pending.terms_hash
    assert details["metadata"] == {"approved": "f" * 64, "pending": pending}


NAMED = [rpc for rpc in RPCS if not rpc.startswith(("Draft", "List"))]


@pytest.mark.parametrize("rpc", NAMED)
async def test_a_stranger_is_answered_as_if_there_were_none(lasting: Desk, rpc: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc), party=made.STRANGER)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if rpc.startswith("List")])
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
