"""What the calls of cooperations stand on: one in each state, and valid requests."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.api import field_behavior_pb2
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import cooperation_service_pb2 as pb
from guantong.enrollment.v1.cooperation_pb2 import Cooperation, CooperationPupil
from guantong.enrollment.v1.cooperation_service_pb2_grpc import CooperationServiceStub
from guantong.enrollment.v1.organisation_pb2 import Organisation

from tests.enrollment import made
from tests.enrollment.cooperations import OTHER_SHA, PAPER, SHA, uscc
from tests.enrollment.edge.world import World, do, make_world, organisation_fields
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
FIRM, RIVAL = "tongcheng", "bazhuayu"
# Who may call each RPC: the party of the requests below, and the roles.
RPCS: dict[str, tuple[str, set[str]]] = {
    "DraftCooperation": (made.FRONT, {REGISTRAR}),
    "AttachCooperationAgreement": (made.FRONT, {REGISTRAR}),
    "SignCooperation": (made.FRONT, {APPROVER}),
    "StartCooperation": (made.FRONT, {APPROVER}),
    "SuspendCooperation": (made.FRONT, {APPROVER}),
    "ResumeCooperation": (made.FRONT, {APPROVER}),
    "EndCooperation": (made.FRONT, {APPROVER}),
    "ChangeCooperationGrade": (made.FRONT, {APPROVER}),
    "FormCooperationBody": (made.FRONT, {APPROVER}),
    "AddCooperationMember": (made.FRONT, {APPROVER}),
    "RemoveCooperationMember": (made.FRONT, {APPROVER}),
    "CountLibraryItems": (made.FRONT, {REGISTRAR}),
    "NameCooperationHead": (made.FRONT, {REGISTRAR}),
    "AddCooperationPupil": (made.FRONT, {REGISTRAR}),
    "RemoveCooperationPupil": (made.FRONT, {REGISTRAR}),
    "GetCooperation": (made.FRONT, READERS),
    "ListCooperations": (made.FRONT, READERS),
    "CountCooperations": (made.FRONT, READERS),
    "GetCooperationHead": (made.FRONT, READERS),
    "ListCooperationHeads": (made.FRONT, READERS),
    "GetCooperationPupil": (made.FRONT, READERS),
    "ListCooperationPupils": (made.FRONT, READERS),
}
READS = [rpc for rpc in RPCS if rpc.startswith(("Get", "List", "Count")) and "Items" not in rpc]
MUTATIONS = [rpc for rpc in RPCS if rpc not in READS]
LISTS = [rpc for rpc in READS if rpc.startswith("List")]
NAME, PHONE = "测试负责人甲", "0512-12345678"
SCHOOL, COLLEGE = f"organisations/{made.FRONT}", f"organisations/{made.BACK}"
ENTERPRISE = f"organisations/{FIRM}"
REQUIRED = field_behavior_pb2.FieldBehavior.Value("REQUIRED")
_Request = pb.DraftCooperationRequest


def party(organisation: str, role: Any, **changes: Any) -> _Request.Party:
    return _Request.Party(organisation=organisation, role=role, **changes)


AGREEMENT = Cooperation.Agreement(
    number="旅财合〔2020〕1号",
    sha256=SHA,
    valid_from_date=Date(year=2020, month=9, day=1),
    valid_to_date=Date(year=2029, month=8, day=31),
)
OTHER_AGREEMENT = Cooperation.Agreement(
    number="旅财合〔2023〕2号",
    sha256=OTHER_SHA,
    valid_from_date=Date(year=2020, month=9, day=1),
    valid_to_date=Date(year=2029, month=8, day=31),
)
CASES: dict[int, dict[str, Any]] = {
    Cooperation.KIND_APPRENTICESHIP: {"agreement": AGREEMENT},
    Cooperation.KIND_ORDER_CLASS: {"class_name": "联想班", "student_count": 2},
    Cooperation.KIND_NAMED_CLASS: {"class_name": "地铁班", "student_count": 2},
    Cooperation.KIND_ENTERPRISE_COLLEGE: {"grade": Cooperation.GRADE_MAJOR},
    Cooperation.KIND_ARTICULATION: {
        "parties": [
            party(SCHOOL, Cooperation.ROLE_SCHOOL),
            party(COLLEGE, Cooperation.ROLE_COLLEGE),
        ]
    },
    Cooperation.KIND_RESOURCE_LIBRARY: {},
    Cooperation.KIND_COMMUNITY: {
        "parties": [
            party(SCHOOL, Cooperation.ROLE_SCHOOL, is_lead=True),
            party(ENTERPRISE, Cooperation.ROLE_ENTERPRISE, is_lead=True),
            party(COLLEGE, Cooperation.ROLE_COLLEGE),
        ]
    },
}


def draft_fields(kind: int, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": kind,
        "display_name": "校企合作",
        "parties": [
            party(SCHOOL, Cooperation.ROLE_SCHOOL),
            party(ENTERPRISE, Cooperation.ROLE_ENTERPRISE),
        ],
        "documents": [Cooperation.Document(title="合作方案", sha256=PAPER)],
    }
    return {**fields, **CASES[kind], **changes}


def message(rpc: str, **fields: Any) -> Any:
    kind = getattr(pb, f"{rpc}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        fields.setdefault("request_id", str(uuid4()))
    return kind(**fields)


def target(record: Any) -> dict[str, Any]:
    return {"name": record.name, "etag": record.etag}


async def call(service: Served, rpc: str, request: Any, *, party: str = "", role: str = "") -> Any:
    usual_party, roles = RPCS[rpc]
    token = service.token(party or usual_party, role or min(roles, key=lambda r: r != "agent"))
    return await getattr(CooperationServiceStub(service.channel), rpc)(request, metadata=token)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Calls the service; knows cooperations in each state that a call asks for."""

    world: World
    drafted: Cooperation
    signed: Cooperation
    suspended: Cooperation
    # In force, by kind.
    running: dict[int, Cooperation]
    pupil: CooperationPupil
    head: str

    async def call(self, rpc: str, request: Any, *, party: str = "", role: str = "") -> Any:
        return await call(self.world.service, rpc, request, party=party, role=role)

    def request(self, rpc: str, **changes: Any) -> Any:
        return message(rpc, **{**self._fields().get(rpc, {}), **changes})

    def _fields(self) -> dict[str, dict[str, Any]]:
        college = self.running[Cooperation.KIND_ENTERPRISE_COLLEGE]
        community = self.running[Cooperation.KIND_COMMUNITY]
        named = self.running[Cooperation.KIND_NAMED_CLASS]
        return {
            "DraftCooperation": draft_fields(Cooperation.KIND_APPRENTICESHIP),
            "AttachCooperationAgreement": {**target(self.drafted), "agreement": OTHER_AGREEMENT},
            "SignCooperation": {**target(self.drafted), "agreement_sha256": SHA},
            "StartCooperation": target(self.signed),
            "SuspendCooperation": {**target(named), "reason": "经营调整"},
            "ResumeCooperation": target(self.suspended),
            "EndCooperation": {**target(named), "reason": "合作期满"},
            "ChangeCooperationGrade": {
                **target(college),
                "grade": Cooperation.GRADE_DEPARTMENT,
            },
            "FormCooperationBody": {
                **target(community),
                "kind": Cooperation.Body.KIND_COUNCIL,
                "head_organisation": SCHOOL,
                "members": [SCHOOL, ENTERPRISE],
            },
            "AddCooperationMember": {
                **target(community),
                "organisation": f"organisations/{RIVAL}",
                "role": Cooperation.ROLE_ENTERPRISE,
            },
            "RemoveCooperationMember": {**target(community), "organisation": COLLEGE},
            "CountLibraryItems": {
                **target(self.running[Cooperation.KIND_RESOURCE_LIBRARY]),
                "item_count": 80,
                "use_count": 1_000,
            },
            "NameCooperationHead": head_fields(community),
            "AddCooperationPupil": {
                "cooperation": self.running[Cooperation.KIND_ORDER_CLASS].name,
                "status_record": self.world.record.name,
                "join_date": today(self.world.service),
            },
            "RemoveCooperationPupil": {
                **target(self.pupil),
                "leave_date": today(self.world.service),
                "leave_reason": "转岗",
            },
            "GetCooperation": {"name": named.name},
            "CountCooperations": {"date": today(self.world.service)},
            "GetCooperationHead": {"name": self.head},
            "GetCooperationPupil": {"name": self.pupil.name},
        }


def head_fields(found: Cooperation) -> dict[str, Any]:
    return {"cooperation": found.name, "display_name": NAME, "phone": PHONE, "post": "理事长"}


def today(service: Served) -> Date:
    now = service.clock.now()
    return Date(year=now.year, month=now.month, day=now.day)


async def draft(service: Served, kind: int) -> Cooperation:
    request = message("DraftCooperation", **draft_fields(kind))
    found: Cooperation = await call(service, "DraftCooperation", request)
    return found


async def sign(service: Served, found: Cooperation) -> Cooperation:
    """Let each sign whose turn it is."""
    while found.state == Cooperation.STATE_DRAFTED:
        request = message(
            "SignCooperation", **target(found), agreement_sha256=found.agreement.sha256
        )
        holder = found.holder.removeprefix("organisations/")
        found = await call(service, "SignCooperation", request, party=holder)
    return found


async def start(service: Served, found: Cooperation) -> Cooperation:
    signed = await sign(service, found)
    started: Cooperation = await call(
        service, "StartCooperation", message("StartCooperation", **target(signed))
    )
    return started


async def make_desk(service: Served) -> Desk:
    world = await make_world(service)
    for serial, slug in enumerate((FIRM, RIVAL), start=1):
        fields = organisation_fields(slug, Organisation.KIND_ENTERPRISE)
        await do(service, "CreateOrganisation", **fields, uscc=uscc(serial))
    running = {kind: await start(service, await draft(service, kind)) for kind in CASES}
    named = running[Cooperation.KIND_NAMED_CLASS]
    adding = message(
        "AddCooperationPupil",
        cooperation=named.name,
        status_record=world.record.name,
        join_date=today(service),
    )
    suspended = await start(service, await draft(service, Cooperation.KIND_ORDER_CLASS))
    suspending = message("SuspendCooperation", **target(suspended), reason="经营调整")
    naming = message("NameCooperationHead", **head_fields(running[Cooperation.KIND_COMMUNITY]))
    return Desk(
        world=world,
        drafted=await draft(service, Cooperation.KIND_APPRENTICESHIP),
        signed=await sign(service, await draft(service, Cooperation.KIND_ORDER_CLASS)),
        suspended=await call(service, "SuspendCooperation", suspending),
        running=running,
        pupil=await call(service, "AddCooperationPupil", adding),
        head=(await call(service, "NameCooperationHead", naming)).name,
    )


async def refused(desk: Desk, rpc: str, request: Any, **by: str) -> tuple[Any, dict[str, Any]]:
    before = await desk.world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await desk.call(rpc, request, **by)
    assert await desk.world.snapshot() == before
    return raised.value.code(), details_of(raised.value)
