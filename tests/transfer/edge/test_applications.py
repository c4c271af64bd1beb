"""Applications over gRPC, through the real interceptors."""

from uuid import uuid4

import grpc.aio
import pytest
from guantong.transfer.v1 import application_service_pb2 as pb
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.application_service_pb2_grpc import ApplicationServiceStub

from tests.served import Served, details_of
from tests.transfer.made import BACK, FRONT, STRANGER, draft, members, open_batch

State = Application.State


async def test_a_submitted_application_has_a_higher_version_and_another_etag(
    transfer: Served,
) -> None:
    batch = await open_batch(transfer)
    drafted = await draft(transfer, batch, *await members(transfer, 1))
    submitted = await ApplicationServiceStub(transfer.channel).SubmitApplication(
        pb.SubmitApplicationRequest(name=drafted.name, etag=drafted.etag, request_id=str(uuid4())),
        metadata=transfer.token(FRONT, "registrar"),
    )
    assert (submitted.state, submitted.version) == (State.STATE_SUBMITTED, 2)
    assert submitted.etag != drafted.etag
    assert submitted.display_name == "张三"
    assert not submitted.HasField("sealed")


async def test_a_repeated_call_is_answered_as_it_was_then_and_writes_nothing(
    transfer: Served,
) -> None:
    batch = await open_batch(transfer)
    drafted = await draft(transfer, batch, *await members(transfer, 1))
    stub = ApplicationServiceStub(transfer.channel)
    token = transfer.token(FRONT, "registrar")
    request = pb.SubmitApplicationRequest(
        name=drafted.name, etag=drafted.etag, request_id=str(uuid4())
    )
    first = await stub.SubmitApplication(request, metadata=token)
    changes = await transfer.rows("change")
    assert await stub.SubmitApplication(request, metadata=token) == first
    assert await transfer.rows("change") == changes


async def test_a_bulk_call_submits_what_it_can_and_refuses_the_rest_item_by_item(
    transfer: Served,
) -> None:
    batch = await open_batch(transfer)
    drafted = [await draft(transfer, batch, each) for each in await members(transfer, 3)]
    stub = ApplicationServiceStub(transfer.channel)
    items = [
        pb.BatchSubmitApplicationsRequest.Item(name=each.name, etag=each.etag) for each in drafted
    ]
    items[1].etag = '"7"'
    request = pb.BatchSubmitApplicationsRequest(items=items, request_id=str(uuid4()))
    answer = await stub.BatchSubmitApplications(
        request, metadata=transfer.token(FRONT, "registrar")
    )
    assert [each.application.state for each in answer.results] == [
        State.STATE_SUBMITTED,
        State.STATE_UNSPECIFIED,
        State.STATE_SUBMITTED,
    ]
    assert answer.results[1].error.code == grpc.StatusCode.ABORTED.value[0]
    again = await stub.BatchSubmitApplications(request, metadata=transfer.token(FRONT, "registrar"))
    assert again == answer


@pytest.mark.parametrize(
    ("organisation", "role", "code", "reason"),
    [
        (STRANGER, "registrar", grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"),
        (BACK, "registrar", grpc.StatusCode.PERMISSION_DENIED, "NOT_FRONT_SCHOOL"),
        (FRONT, "auditor", grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
    ],
)
async def test_only_a_registrar_of_the_front_school_submits(
    transfer: Served, organisation: str, role: str, code: grpc.StatusCode, reason: str
) -> None:
    batch = await open_batch(transfer)
    drafted = await draft(transfer, batch, *await members(transfer, 1))
    before = await transfer.rows("application")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await ApplicationServiceStub(transfer.channel).SubmitApplication(
            pb.SubmitApplicationRequest(
                name=drafted.name, etag=drafted.etag, request_id=str(uuid4())
            ),
            metadata=transfer.token(organisation, role),
        )
    assert raised.value.code() == code
    details = details_of(raised.value)
    assert details["reason"] == reason
    assert set(details["texts"]) == {"zh-CN", "en"}
    assert await transfer.rows("application") == before
