"""What the tests of internships and placements stand on: a point, and fields of each RPC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    internship_service_pb2,
    internship_service_pb2_grpc,
    placement_service_pb2,
    placement_service_pb2_grpc,
    statistics_service_pb2,
    statistics_service_pb2_grpc,
)
from guantong.enrollment.v1.consent_pb2 import Consent
from guantong.enrollment.v1.internship_pb2 import Internship, InternshipPoint
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.placement_pb2 import Placement

from tests.enrollment import made
from tests.enrollment.edge import world as edge
from tests.enrollment.edge.world import World
from tests.served import details_of

_SERVICES = (
    (internship_service_pb2, internship_service_pb2_grpc, "InternshipService"),
    (placement_service_pb2, placement_service_pb2_grpc, "PlacementService"),
    (statistics_service_pb2, statistics_service_pb2_grpc, "StatisticsService"),
    (consent_service_pb2, consent_service_pb2_grpc, "ConsentService"),
)
_MODULES = {
    method.name: (module, grpc_module, name)
    for module, grpc_module, name in _SERVICES
    for method in module.DESCRIPTOR.services_by_name[name].methods
}
RPCS = tuple(rpc for rpc, (_, _, name) in _MODULES.items() if name != "ConsentService")
EMPLOYER = "tongcheng"
TEACHER = (made.FRONT, "registrar")
HEAD = (made.FRONT, "approver")
FIRM = (EMPLOYER, "registrar")
BUREAU = ("szedu", "bureau_officer")
AGREEMENT = "ab" * 32
MENTOR = "校内导师欧阳"
# The member is of age from 2023-03-15 on.
START, END = date(2023, 3, 20), date(2023, 8, 31)
# Who may call each RPC that writes.
CALLERS = {
    "DeclareInternshipPoint": TEACHER,
    "EndInternshipPoint": TEACHER,
    "PlanInternship": TEACHER,
    "SignInternship": TEACHER,
    "StartInternship": HEAD,
    "ExtendInternship": HEAD,
    "CompleteInternship": HEAD,
    "BreakOffInternship": HEAD,
    "RecordPlacement": TEACHER,
    "ConfirmPlacement": HEAD,
    "GiveConsent": TEACHER,
    "WithdrawConsent": TEACHER,
}


@dataclass(kw_only=True)
class PracticeWorld:
    """The world, with a point of the front school at an enterprise."""

    world: World
    point: InternshipPoint

    async def call(self, rpc: str, caller: tuple[str, str] = TEACHER, **fields: Any) -> Any:
        """Call an RPC with these fields."""
        module, grpc_module, name = _MODULES[rpc]
        request = getattr(module, f"{rpc}Request")(**fields)
        stub = getattr(grpc_module, f"{name}Stub")(self.world.service.channel)
        return await getattr(stub, rpc)(request, metadata=self.world.service.token(*caller))

    async def do(self, rpc: str, caller: tuple[str, str] | None = None, **fields: Any) -> Any:
        """Call what writes, as who may, with a request id of its own."""
        fields = {"request_id": str(uuid4()), **fields}
        return await self.call(rpc, caller or CALLERS[rpc], **fields)

    async def step(
        self, rpc: str, of: Any, caller: tuple[str, str] | None = None, **fields: Any
    ) -> Any:
        return await self.do(rpc, caller, name=of.name, etag=of.etag, **fields)

    async def refused(self, rpc: str, caller: tuple[str, str], **fields: Any) -> dict[str, Any]:
        """Call an RPC that must be refused; nothing may change."""
        before = await self.world.snapshot()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(rpc, caller, **fields)
        assert await self.world.snapshot() == before
        details = details_of(raised.value)
        assert all(details["texts"].values())
        return details

    def advance(self, to: date) -> None:
        """Let it be noon of a day."""
        self.world.service.clock.advance(datetime(to.year, to.month, to.day, 4, tzinfo=UTC))

    def plan_fields(self, **changes: Any) -> dict[str, Any]:
        fields = {
            "status_record": self.world.record.name,
            "internship_point": self.point.name,
            "start_date": day(START),
            "end_date": day(END),
            "pay_fen": 240_000,
            "school_mentor": MENTOR,
            "enterprise_mentor": "企业导师甲",
        }
        return fields | changes

    def placement_fields(self, **changes: Any) -> dict[str, Any]:
        fields = {
            "status_record": self.world.record.name,
            "survey_date": day(date(2023, 9, 1)),
            "destination": Placement.DESTINATION_EMPLOYED,
            "employer_name": "某食品公司乙",
            "post": "检验员",
            "region_code": "320500",
            "match": Placement.MATCH_MATCHED,
            "match_reason": "岗位属于专业方向",
            "pay_fen": 451_237,
            "source": Placement.SOURCE_CONTRACT,
            "evidence_sha256": "cd" * 32,
        }
        return fields | changes

    async def plan(self, **changes: Any) -> Internship:
        found: Internship = await self.do("PlanInternship", **self.plan_fields(**changes))
        return found

    async def sign(self, internship: Internship, **changes: Any) -> Internship:
        fields = sign_fields() | changes
        found: Internship = await self.step("SignInternship", internship, **fields)
        return found

    async def agree(self, **changes: Any) -> Internship:
        internship = await self.plan(**changes)
        for signer in (1, 2, 3):
            internship = await self.sign(internship, signer=signer)
        return internship

    async def run(self) -> Internship:
        internship = await self.agree()
        self.advance(START)
        found: Internship = await self.step("StartInternship", internship)
        return found

    async def consent(self) -> Consent:
        found: Consent = await self.do(
            "GiveConsent",
            person=self.world.member.person,
            purpose=Consent.PURPOSE_ENTERPRISE,
            give_date=day(date(2023, 3, 1)),
            evidence_sha256="ef" * 32,
        )
        return found

    async def graduate(self) -> None:
        self.advance(date(2023, 9, 2))
        request = self.world.request("GraduateStatusRecord")
        await self.world.call("GraduateStatusRecord", request)

    async def record(self, **changes: Any) -> Placement:
        found: Placement = await self.do("RecordPlacement", **self.placement_fields(**changes))
        return found


def day(value: date) -> Date:
    return Date(year=value.year, month=value.month, day=value.day)


def sign_fields(**changes: Any) -> dict[str, Any]:
    fields = {
        "signer": Internship.SIGNER_SCHOOL,
        "sign_date": day(date(2023, 3, 1)),
        "agreement_sha256": AGREEMENT,
    }
    return fields | changes


def point_fields(**changes: Any) -> dict[str, Any]:
    fields = {
        "enterprise": f"organisations/{EMPLOYER}",
        "post": "食品检验员",
        "major_codes": [made.PROJECT["front_major_code"]],
        "match_reason": "岗位任务属于专业核心课程",
        "region_code": "320500",
        "valid_from_date": day(date(2022, 1, 1)),
    }
    return fields | changes


async def make_practice_world(world: World) -> PracticeWorld:
    """Register an enterprise, and declare a point at it."""
    fields = edge.organisation_fields(EMPLOYER, Organisation.KIND_ENTERPRISE)
    await edge.do(world.service, "CreateOrganisation", **fields)
    practice = PracticeWorld(world=world, point=InternshipPoint())
    practice.point = await practice.do("DeclareInternshipPoint", **point_fields())
    return practice
