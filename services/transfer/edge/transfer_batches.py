"""The servicer of transfer batches: parse, run the command, answer."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.transfer.v1 import transfer_batch_service_pb2 as pb
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch
from guantong.transfer.v1.transfer_batch_service_pb2_grpc import TransferBatchServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.requests import Commands
from chassis.working_days import count_working_days
from services.transfer.commands.close_assessments import CloseAssessment, close_assessments
from services.transfer.commands.close_registrations import CloseRegistration, close_registrations
from services.transfer.commands.close_transfer_batches import (
    CloseTransferBatch,
    close_transfer_batches,
)
from services.transfer.commands.draft_transfer_batches import draft_transfer_batches
from services.transfer.commands.file_transfer_plans import FileTransferPlan, file_transfer_plans
from services.transfer.commands.lock_scores import LockScores, lock_scores
from services.transfer.commands.open_arrivals import open_arrivals
from services.transfer.commands.open_registrations import OpenRegistration, open_registrations
from services.transfer.commands.publish_proposals import publish_proposals
from services.transfer.commands.record_authority_approvals import record_authority_approvals
from services.transfer.commands.report_transfer_batches import (
    ReportTransferBatch,
    report_transfer_batches,
)
from services.transfer.commands.sign_transfer_schemes import (
    SignTransferScheme,
    sign_transfer_schemes,
)
from services.transfer.domain.policy import Policy
from services.transfer.edge.wire import transfer_batches as wire
from services.transfer.edge.wire.enums import state_filter
from services.transfer.queries import transfer_batches as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class TransferBatches(TransferBatchServiceServicer):
    """Takes a batch from draft to its close."""

    def __init__(self, *, commands: Commands, reader: db.Reader, policy: Policy) -> None:
        self._commands = commands
        self._reader = reader
        self._policy = policy

    async def CreateTransferBatch(
        self, request: pb.CreateTransferBatchRequest, context: Context
    ) -> TransferBatch:
        return await self._change(request, wire.to_draft(request), draft_transfer_batches)

    async def SignTransferScheme(
        self, request: pb.SignTransferSchemeRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request, SignTransferScheme(**wire.to_target(request)), sign_transfer_schemes
        )

    async def FileTransferPlan(
        self, request: pb.FileTransferPlanRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request, FileTransferPlan(**wire.to_target(request)), file_transfer_plans
        )

    async def OpenRegistration(
        self, request: pb.OpenRegistrationRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request, OpenRegistration(**wire.to_target(request)), open_registrations
        )

    async def CloseRegistration(
        self, request: pb.CloseRegistrationRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request, CloseRegistration(**wire.to_target(request)), close_registrations
        )

    async def CloseAssessment(
        self, request: pb.CloseAssessmentRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request, CloseAssessment(**wire.to_target(request)), close_assessments
        )

    async def LockScores(self, request: pb.LockScoresRequest, context: Context) -> TransferBatch:
        return await self._change(request, LockScores(**wire.to_target(request)), lock_scores)

    async def PublishProposal(
        self, request: pb.PublishProposalRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request,
            wire.to_proposal(request),
            publish_proposals,
            now=current_call().origin.business_time,
            policy=self._policy,
            count_working_days=count_working_days,
        )

    async def ReportTransferBatch(
        self, request: pb.ReportTransferBatchRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request,
            ReportTransferBatch(**wire.to_target(request)),
            report_transfer_batches,
            now=current_call().origin.business_time,
        )

    async def RecordAuthorityApproval(
        self, request: pb.RecordAuthorityApprovalRequest, context: Context
    ) -> TransferBatch:
        return await self._change(request, wire.to_approval(request), record_authority_approvals)

    async def OpenArrival(self, request: pb.OpenArrivalRequest, context: Context) -> TransferBatch:
        return await self._change(
            request,
            wire.to_arrival(request),
            open_arrivals,
            now=current_call().origin.business_time,
        )

    async def CloseTransferBatch(
        self, request: pb.CloseTransferBatchRequest, context: Context
    ) -> TransferBatch:
        return await self._change(
            request, CloseTransferBatch(**wire.to_target(request)), close_transfer_batches
        )

    async def GetTransferBatch(
        self, request: pb.GetTransferBatchRequest, context: Context
    ) -> TransferBatch:
        batch_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(
            await queries.get_transfer_batch(self._reader, batch_id, scope=scope)
        )

    async def ListTransferBatches(
        self, request: pb.ListTransferBatchesRequest, context: Context
    ) -> pb.ListTransferBatchesResponse:
        filters = {
            "project_id": parse_uuid_or_none(
                "pathwayProjects", request.pathway_project, field="pathway_project"
            ),
            "state": state_filter(TransferBatch.State.Name, request.state),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_transfer_batches(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListTransferBatchesResponse(
            transfer_batches=map(wire.to_message, rows), next_page_token=next_token
        )

    async def _change(
        self, request: Any, item: Any, command: Callable[..., Awaitable[Any]], **facts: Any
    ) -> TransferBatch:
        call = current_call()
        work = partial(command, caller=call.caller, **facts)
        return cast("TransferBatch", await self._commands.one(call, request, item, work))
