"""What the tests of the edge stand on: projects, a cohort, a member, and valid requests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from guantong.common.v1 import clock_service_pb2, clock_service_pb2_grpc
from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1 import (
    back_stage_registration_service_pb2,
    back_stage_registration_service_pb2_grpc,
    cohort_service_pb2,
    cohort_service_pb2_grpc,
    major_service_pb2,
    major_service_pb2_grpc,
    organisation_service_pb2,
    organisation_service_pb2_grpc,
    pathway_project_service_pb2,
    pathway_project_service_pb2_grpc,
    person_service_pb2,
    person_service_pb2_grpc,
    project_sheet_service_pb2,
    project_sheet_service_pb2_grpc,
    status_record_service_pb2,
    status_record_service_pb2_grpc,
)
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.cohort_pb2 import Cohort, CohortMember
from guantong.enrollment.v1.major_pb2 import Major
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.status_record_pb2 import StatusRecord
from guantong.transfer.v1.application_pb2 import Application

from chassis.effects import Effects
from services.enrollment import app
from services.enrollment.edge.subscriptions import HANDLERS
from services.enrollment.store.tables import metadata
from tests.enrollment import made
from tests.served import Served, details_of

TABLES = [table.name for table in metadata.sorted_tables]
_SERVICES = (
    (organisation_service_pb2, organisation_service_pb2_grpc, "OrganisationService"),
    (major_service_pb2, major_service_pb2_grpc, "MajorService"),
    (pathway_project_service_pb2, pathway_project_service_pb2_grpc, "PathwayProjectService"),
    (cohort_service_pb2, cohort_service_pb2_grpc, "CohortService"),
    (person_service_pb2, person_service_pb2_grpc, "PersonService"),
    (project_sheet_service_pb2, project_sheet_service_pb2_grpc, "ProjectSheetService"),
    (status_record_service_pb2, status_record_service_pb2_grpc, "StatusRecordService"),
    (
        back_stage_registration_service_pb2,
        back_stage_registration_service_pb2_grpc,
        "BackStageRegistrationService",
    ),
    (clock_service_pb2, clock_service_pb2_grpc, "ClockService"),
)
_MODULES = {
    method.name: (module, grpc_module, name)
    for module, grpc_module, name in _SERVICES
    for method in module.DESCRIPTOR.services_by_name[name].methods
}
# Who may call the RPC, in the requests below: the party and the role.
CALLERS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "CreateOrganisation",
            "RenameOrganisation",
            "AddOrganisationAlias",
            "RelocateOrganisation",
            "ReassignOrganisation",
            "MergeOrganisation",
            "SplitOrganisation",
            "CloseOrganisation",
            "BlockOrganisation",
            "UnblockOrganisation",
            "ImportMajors",
            "RetireMajor",
        ),
        ("suite", "administrator"),
    ),
    "DeclarePathwayProject": (made.BACK, "registrar"),
    "ApprovePathwayProject": ("szedu", "bureau_officer"),
    "StopPathwayProject": ("szedu", "bureau_officer"),
    "ClosePathwayProject": (made.BACK, "approver"),
    "OpenCohort": (made.FRONT, "registrar"),
    "EnrollCohortMember": (made.FRONT, "registrar"),
    "RemoveCohortMember": (made.FRONT, "registrar"),
    "FreezeCohort": (made.FRONT, "approver"),
    "AssignClass": (made.FRONT, "registrar"),
    "RenameClass": (made.FRONT, "registrar"),
    "GraduateStatusRecord": (made.FRONT, "approver"),
    "ConcludeStatusRecord": (made.FRONT, "approver"),
    "AdvanceClock": ("suite", "administrator"),
}
RPCS = tuple(_MODULES)
MUTATIONS = tuple(rpc for rpc in CALLERS if rpc != "AdvanceClock")
GETS = tuple(rpc for rpc in RPCS if rpc.startswith("Get") and rpc != "GetClock")
LISTS = tuple(rpc for rpc in RPCS if rpc.startswith("List"))
TRACEPARENT = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
NAME = "欧阳𬭎一"
ADMISSION_NUMBER = "2032132377001"
ID_NUMBER = made.id_number(77)
FRONT_MAJOR = (made.PROJECT["front_major_code"], made.PROJECT["front_major"])


@dataclass(frozen=True, kw_only=True)
class World:
    """A service with a cohort of one member, and what each RPC may be called on."""

    service: Served
    organisation: Organisation
    # A functional zone, kept from everything new.
    blocked: Organisation
    major: Major
    declared: PathwayProject
    approved: PathwayProject
    stopped: PathwayProject
    # Approved with more places than a college is allowed for long.
    large: PathwayProject
    project: PathwayProject
    cohort: Cohort
    member: CohortMember
    record: StatusRecord
    registration: BackStageRegistration

    def request(self, rpc: str, **changes: Any) -> Any:
        """Return a request of an RPC that would succeed, but for these fields (None: absent)."""
        fields = self._fields(rpc) | changes
        if rpc in MUTATIONS:
            fields.setdefault("request_id", str(uuid4()))
        given = {name: value for name, value in fields.items() if value is not None}
        return request_class(rpc)(**given)

    async def call(self, rpc: str, request: Message, party: str = "", role: str = "") -> Any:
        """Call an RPC as who may, unless told otherwise."""
        usual_party, usual_role = CALLERS.get(rpc, (made.FRONT, "registrar"))
        return await call(self.service, rpc, request, party or usual_party, role or usual_role)

    async def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything that the service has stored."""
        return {table: await self.service.rows(table) for table in TABLES}

    def _fields(self, rpc: str) -> dict[str, Any]:
        in_a_minute = Timestamp(seconds=int(self.service.clock.now().timestamp()) + 60)
        fields: dict[str, dict[str, Any]] = {
            "CreateOrganisation": organisation_fields("cslg", Organisation.KIND_UNIVERSITY),
            **organisation_changes(self.organisation),
            "UnblockOrganisation": _target(self.blocked),
            "ImportMajors": catalogue_fields(2021, ("690102", "粮食储运与检验技术")),
            "RetireMajor": {
                **_target(self.major),
                "valid_to_date": Date(year=2026, month=8, day=31),
            },
            "GetMajor": {"name": self.major.name},
            "ResolveMajor": {"code": self.major.code},
            "ResolveSuccessor": {"name": self.organisation.name},
            "DeclarePathwayProject": declaration_fields(2023),
            "ApprovePathwayProject": {
                **_target(self.declared),
                "approval_document_number": "苏教职函〔2021〕20号",
            },
            "StopPathwayProject": {**_target(self.large), "stop_reason": "停止招生"},
            "ClosePathwayProject": _target(self.stopped),
            "ListIntakeWarnings": {"approval_year": self.large.approval_year},
            "OpenCohort": cohort_fields(self.approved),
            "FreezeCohort": _target(self.cohort),
            "EnrollCohortMember": {
                **enrolment_fields(self.cohort),
                "id_number": made.id_number(78),
                "admission_number": "2032132377002",
            },
            "RemoveCohortMember": {**_target(self.member), "left_reason": "转专业"},
            "GraduateStatusRecord": {
                **_target(self.record),
                "diploma_number": "2023320001",
                "graduate_date": Date(year=2023, month=6, day=30),
            },
            **roster_fields(self),
            "AdvanceClock": {"business_time": in_a_minute},
            "GetOrganisation": {"name": self.organisation.name},
            "GetPathwayProject": {"name": self.project.name},
            "GetCohort": {"name": self.cohort.name},
            "GetCohortMember": {"name": self.member.name},
            "GetPerson": {"name": self.member.person},
            "GetStatusRecord": {"name": self.record.name},
            "ComputeHeadcount": {
                "organisation": f"organisations/{made.FRONT}",
                "date": Date(year=2021, month=1, day=1),
            },
            "GetBackStageRegistration": {"name": self.registration.name},
        }
        return fields.get(rpc, {})


def request_class(rpc: str) -> type[Message]:
    found: type[Message] = getattr(_MODULES[rpc][0], f"{rpc}Request")
    return found


async def call(service: Served, rpc: str, request: Message, party: str, role: str) -> Any:
    _, module, name = _MODULES[rpc]
    method = getattr(getattr(module, f"{name}Stub")(service.channel), rpc)
    return await method(request, metadata=service.token(party, role))


async def do(service: Served, rpc: str, **fields: Any) -> Any:
    """Call a mutation as who may, with a request id of its own."""
    request = request_class(rpc)(request_id=str(uuid4()), **fields)
    return await call(service, rpc, request, *CALLERS[rpc])


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


async def make_world(service: Served) -> World:
    """Found the two schools and one cohort of one member whose arrival waits for the diploma."""
    organisations = [
        await do(service, "CreateOrganisation", **organisation_fields(slug, kind))
        for slug, kind in (
            (made.FRONT, Organisation.KIND_SECONDARY_VOCATIONAL),
            (made.BACK, Organisation.KIND_HIGHER_VOCATIONAL),
            (made.STRANGER, Organisation.KIND_HIGHER_VOCATIONAL),
        )
    ]
    blocked = await do(
        service, "CreateOrganisation", **organisation_fields("zone", Organisation.KIND_ZONE)
    )
    blocked = await do(service, "BlockOrganisation", **_target(blocked), block_reason="核查")
    imported = await do(service, "ImportMajors", **catalogue_fields(2021, FRONT_MAJOR))
    declared, approved, stopped, project = [
        await do(service, "DeclarePathwayProject", **declaration_fields(year))
        for year in (2021, 2022, 2019, 2020)
    ]
    large = await do(
        service, "DeclarePathwayProject", **declaration_fields(2024) | {"front_plan": 501}
    )
    approved, stopped, large, project = [
        await do(
            service,
            "ApprovePathwayProject",
            approval_document_number="苏教职函〔2020〕20号",
            **_target(each),
        )
        for each in (approved, stopped, large, project)
    ]
    stopped = await do(service, "StopPathwayProject", **_target(stopped), stop_reason="停止招生")
    cohort = await do(service, "OpenCohort", **cohort_fields(project))
    member = await do(service, "EnrollCohortMember", **enrolment_fields(cohort))
    records = await call(
        service,
        "ListStatusRecords",
        request_class("ListStatusRecords")(person=member.person),
        made.FRONT,
        "registrar",
    )
    return World(
        service=service,
        organisation=organisations[0],
        blocked=blocked,
        major=imported.results[0].major,
        declared=declared,
        approved=approved,
        stopped=stopped,
        large=large,
        project=await _read(service, project),
        cohort=cohort,
        member=member,
        record=records.status_records[0],
        registration=await _arrive(service, member),
    )


def roster_fields(world: World) -> dict[str, dict[str, Any]]:
    """Return what rosters and the ends of stages may be asked for with."""
    return {
        "AssignClass": {
            **_target(world.member),
            "class_name": made.CLASSES[1],
            "why": CohortMember.WHY_CLASSES_BALANCED,
        },
        "RenameClass": {
            **_target(world.cohort),
            "class_name": made.CLASSES[0],
            "new_class_name": "食品2020",
        },
        "GetCohortCounts": {"name": world.cohort.name},
        "GetProjectSheet": {"name": world.project.name.replace("pathwayProjects", "projectSheets")},
        "ConcludeStatusRecord": {
            **_target(world.record),
            "conclusion": StatusRecord.STATUS_COMPLETED,
            "certificate_number": "JY20233201",
            "conclude_date": Date(year=2023, month=2, day=28),
        },
    }


def organisation_fields(slug: str, kind: int) -> dict[str, Any]:
    return {
        "organisation_id": slug,
        "display_name": f"学校{slug}",
        "kind": kind,
        "region_code": "320500",
    }


def organisation_changes(organisation: Organisation) -> dict[str, dict[str, Any]]:
    """Return what each change of an organisation may be asked for with."""
    target = _target(organisation)
    successor = f"organisations/{made.BACK}"
    summer = Date(year=2023, month=7, day=1)
    return {
        "RenameOrganisation": {
            **target,
            "display_name": "江苏省泗阳中等专业学校",
            "effective_date": Date(year=2022, month=9, day=1),
        },
        "AddOrganisationAlias": {**target, "alias": "泗阳中专"},
        "RelocateOrganisation": {
            **target,
            "region_code": "321323",
            "zone": "organisations/zone",
            "effective_date": Date(year=2022, month=9, day=1),
        },
        "ReassignOrganisation": {**target, "reports_to": [successor]},
        "MergeOrganisation": {**target, "successor": successor, "effective_date": summer},
        "SplitOrganisation": {
            **target,
            "parts": [{"organisation": successor, "major_codes": ["690101"]}],
            "effective_date": summer,
            "continues": True,
        },
        "CloseOrganisation": {**target, "keeper": successor, "effective_date": summer},
        "BlockOrganisation": {**target, "block_reason": "核查"},
    }


def catalogue_fields(year: int, *rows: tuple[str, str]) -> dict[str, Any]:
    return {
        "catalogue_year": year,
        "level": Major.LEVEL_SECONDARY_VOCATIONAL,
        "valid_from_date": Date(year=year, month=1, day=1),
        "rows": [{"code": code, "display_name": name} for code, name in rows],
    }


def declaration_fields(year: int) -> dict[str, Any]:
    names = ("front_major", "front_major_code", "back_major", "back_major_code")
    return {
        **{name: made.PROJECT[name] for name in names},
        "project_number": f"JS{year}-33-001",
        "type": PathwayProject.TYPE_ZG_3_3,
        "approval_year": year,
        "front_organisation": f"organisations/{made.FRONT}",
        "back_organisation": f"organisations/{made.BACK}",
        "front_plan": 2,
        "back_plan": 2,
    }


def cohort_fields(project: PathwayProject) -> dict[str, Any]:
    return {
        "pathway_project": project.name,
        "intake_date": Date(year=project.approval_year, month=9, day=1),
        "class_names": made.CLASSES,
    }


def enrolment_fields(cohort: Cohort) -> dict[str, Any]:
    return {
        "cohort": cohort.name,
        "display_name": NAME,
        "id_number": ID_NUMBER,
        "admission_number": ADMISSION_NUMBER,
        "ethnicity_code": "01",
        "class_name": made.CLASSES[0],
        "made_up": True,
    }


def transfer_event(event_type: str, member: CohortMember, **changes: Any) -> Change:
    """Return what the transfer tells of a member's application."""
    fields: dict[str, Any] = {
        "name": f"applications/{uuid4()}",
        "version": 9,
        "pathway_project": member.pathway_project,
        "cohort_member": member.name,
        "person": member.person,
        "front_organisation": member.front_organisation,
        "back_organisation": member.back_organisation,
        "arrive_date": Date(year=2023, month=9, day=4),
    }
    application = Application(**fields | changes)
    change = Change(
        event_id=str(uuid4()),
        source="transfer",
        event_type=event_type,
        resource_name=application.name,
        version=application.version,
        actor="user-szai-registrar",
        actor_organisation=made.BACK,
        traceparent=TRACEPARENT,
    )
    change.resource.Pack(application)
    change.business_time.FromDatetime(datetime(2023, 11, 19, 20, tzinfo=UTC))
    return change


async def hear(service: Served, *events: Change) -> None:
    """Apply events in one transaction, as the subscriber does with a batch."""
    effects = Effects(
        service="enrollment",
        source="transfer",
        handlers=HANDLERS["transfer"],
        encoders=app.ENCODERS,
        clock=service.clock,
    )
    await service.base.database.transact(lambda tx: effects.apply(tx, events))


async def _arrive(service: Served, member: CohortMember) -> BackStageRegistration:
    event = transfer_event("ApplicationArrived", member)
    await hear(service, event)
    name = event.resource_name.replace("applications", "backStageRegistrations")
    request = request_class("GetBackStageRegistration")(name=name)
    found: BackStageRegistration = await call(
        service, "GetBackStageRegistration", request, made.BACK, "registrar"
    )
    return found


async def _read(service: Served, project: PathwayProject) -> PathwayProject:
    request = request_class("GetPathwayProject")(name=project.name)
    found: PathwayProject = await call(
        service, "GetPathwayProject", request, made.BACK, "registrar"
    )
    return found


def _target(record: Any) -> dict[str, Any]:
    return {"name": record.name, "etag": record.etag}
