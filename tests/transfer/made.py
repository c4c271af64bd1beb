"""Made-up records for the tests of transfer: the two schools of the founding case."""

from typing import Any
from uuid import UUID, uuid4

from guantong.transfer.v1 import application_service_pb2, transfer_batch_service_pb2
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.application_service_pb2_grpc import ApplicationServiceStub
from guantong.transfer.v1.transfer_batch_pb2 import SchemeComponent, TransferBatch
from guantong.transfer.v1.transfer_batch_service_pb2_grpc import TransferBatchServiceStub

from chassis.sealed import Sealer
from services.transfer.store import copies
from services.transfer.store.tables import copy_cohort_member, copy_pathway_project
from tests.served import Served

FRONT = "siyang"
BACK = "szai"
STRANGER = "gaobo"
PROJECT = UUID("00000000-0000-7000-8000-000000000001")
SCHEME = [
    SchemeComponent(
        component_id="culture", display_name="文化", weight=40, full_mark_hundredths=10_000
    ),
    SchemeComponent(
        component_id="skills", display_name="技能", weight=60, full_mark_hundredths=10_000
    ),
]


async def project(service: Served, *, back_plan: int = 40, state: str = "APPROVED") -> UUID:
    """Put the copy of an approved project into the service's database."""
    row = {
        "id": PROJECT,
        "version": 1,
        "sha256": bytes(32),
        "state": state,
        "front": FRONT,
        "back": BACK,
        "back_plan": back_plan,
        "transfer_year": 2023,
    }
    await service.base.database.transact(lambda tx: copies.upsert(tx, copy_pathway_project, [row]))
    return PROJECT


async def members(service: Served, count: int, **changes: Any) -> list[UUID]:
    """Put the copies of members of the project's cohort into the service's database."""
    rows = []
    for _ in range(count):
        person_id = uuid4()
        key = (await service.keys.create_many([person_id]))[person_id]
        rows.append(
            {
                "id": uuid4(),
                "version": 1,
                "sha256": bytes(32),
                "state": "ACTIVE",
                "project_id": PROJECT,
                "person_id": person_id,
                "birth_year": 2004,
                "sealed_display_name": Sealer.seal(key, person_id, "display_name", "张三"),
                **changes,
            }
        )
    await service.base.database.transact(lambda tx: copies.upsert(tx, copy_cohort_member, rows))
    return [row["id"] for row in rows]


async def open_batch(service: Served, *, quota: int = 30) -> TransferBatch:
    """Take a batch to REGISTRATION_OPEN through the service's own calls."""
    await project(service)
    stub = TransferBatchServiceStub(service.channel)
    pb = transfer_batch_service_pb2
    front = service.token(FRONT, "approver")
    back = service.token(BACK, "approver")
    batch = await stub.CreateTransferBatch(
        pb.CreateTransferBatchRequest(
            request_id=str(uuid4()),
            pathway_project=f"pathwayProjects/{PROJECT}",
            quota=quota,
            components=SCHEME,
            minimum_total_hundredths=6_000,
        ),
        metadata=back,
    )
    steps: tuple[tuple[Any, Any, Any], ...] = (
        (stub.SignTransferScheme, pb.SignTransferSchemeRequest, front),
        (stub.SignTransferScheme, pb.SignTransferSchemeRequest, back),
        (stub.FileTransferPlan, pb.FileTransferPlanRequest, back),
        (stub.OpenRegistration, pb.OpenRegistrationRequest, back),
    )
    for method, request, token in steps:
        batch = await method(
            request(name=batch.name, etag=batch.etag, request_id=str(uuid4())), metadata=token
        )
    return batch


async def draft(service: Served, batch: TransferBatch, member_id: UUID) -> Application:
    """Draft the application of a member by the front school's registrar."""
    return await ApplicationServiceStub(service.channel).CreateApplication(
        application_service_pb2.CreateApplicationRequest(
            request_id=str(uuid4()),
            transfer_batch=batch.name,
            cohort_member=f"cohortMembers/{member_id}",
        ),
        metadata=service.token(FRONT, "registrar"),
    )
