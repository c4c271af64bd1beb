"""The servicer of applications: parse, run the command, answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.transfer.v1 import application_service_pb2 as pb
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.application_service_pb2_grpc import ApplicationServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.sealing import TextSealer
from chassis.texts import to_optional_text, to_text
from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.assess_applications import assess_applications
from services.transfer.commands.cancel_applications import cancel_applications
from services.transfer.commands.confirm_applications import ConfirmApplication, confirm_applications
from services.transfer.commands.divert_applications import divert_applications
from services.transfer.commands.draft_applications import draft_applications
from services.transfer.commands.forfeit_places import ForfeitPlace, forfeit_places
from services.transfer.commands.grant_leave import grant_leave
from services.transfer.commands.qualify_applications import QualifyApplication, qualify_applications
from services.transfer.commands.record_arrivals import record_arrivals
from services.transfer.commands.refuse_applications import refuse_applications
from services.transfer.commands.reject_applications import reject_applications
from services.transfer.commands.retain_places import retain_places
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from services.transfer.commands.withdraw_applications import withdraw_applications
from services.transfer.domain.policy import Policy
from services.transfer.edge.wire import applications as wire
from services.transfer.edge.wire.enums import state_filter
from services.transfer.queries import applications as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Applications(ApplicationServiceServicer):
    """Takes an application from draft to its end."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        sealer: TextSealer,
        policy: Policy,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._sealer = sealer
        self._policy = policy

    async def CreateApplication(
        self, request: pb.CreateApplicationRequest, context: Context
    ) -> Application:
        return await self._change(request, wire.to_draft(request), draft_applications)

    async def SubmitApplication(
        self, request: pb.SubmitApplicationRequest, context: Context
    ) -> Application:
        return await self._change(
            request, SubmitApplication(**wire.to_target(request)), submit_applications
        )

    async def ConfirmApplication(
        self, request: pb.ConfirmApplicationRequest, context: Context
    ) -> Application:
        return await self._change(
            request, ConfirmApplication(**wire.to_target(request)), confirm_applications
        )

    async def RejectApplication(
        self, request: pb.RejectApplicationRequest, context: Context
    ) -> Application:
        reason = to_text(request.reject_reason, field="reject_reason")
        sealed = await self._seal(request, decision_reason=reason)
        return await self._change(request, wire.to_rejection(request, sealed), reject_applications)

    async def QualifyApplication(
        self, request: pb.QualifyApplicationRequest, context: Context
    ) -> Application:
        return await self._change(
            request, QualifyApplication(**wire.to_target(request)), qualify_applications
        )

    async def AssessApplication(
        self, request: pb.AssessApplicationRequest, context: Context
    ) -> Application:
        ground = to_optional_text(request.exemption_ground, field="exemption_ground")
        sealed = await self._seal(request, exemption_ground=ground)
        return await self._change(request, wire.to_assessment(request, sealed), assess_applications)

    async def AdmitApplication(
        self, request: pb.AdmitApplicationRequest, context: Context
    ) -> Application:
        return await self._change(
            request, AdmitApplication(**wire.to_target(request)), admit_applications
        )

    async def RefuseApplication(
        self, request: pb.RefuseApplicationRequest, context: Context
    ) -> Application:
        reason = to_text(request.refuse_reason, field="refuse_reason")
        sealed = await self._seal(request, decision_reason=reason)
        return await self._change(request, wire.to_refusal(request, sealed), refuse_applications)

    async def GrantLeave(self, request: pb.GrantLeaveRequest, context: Context) -> Application:
        return await self._change(
            request, wire.to_leave(request), grant_leave, now=_now(), policy=self._policy
        )

    async def RetainPlace(self, request: pb.RetainPlaceRequest, context: Context) -> Application:
        return await self._change(
            request, wire.to_retention(request), retain_places, now=_now(), policy=self._policy
        )

    async def ForfeitPlace(self, request: pb.ForfeitPlaceRequest, context: Context) -> Application:
        return await self._change(
            request, ForfeitPlace(**wire.to_target(request)), forfeit_places, now=_now()
        )

    async def RecordArrival(
        self, request: pb.RecordArrivalRequest, context: Context
    ) -> Application:
        return await self._change(request, wire.to_arrival(request), record_arrivals, now=_now())

    async def CancelApplication(
        self, request: pb.CancelApplicationRequest, context: Context
    ) -> Application:
        reason = to_text(request.cancel_reason, field="cancel_reason")
        return await self._change(
            request,
            wire.to_cancellation(request, await self._seal(request, decision_reason=reason)),
            cancel_applications,
            now=_now(),
            policy=self._policy,
        )

    async def WithdrawApplication(
        self, request: pb.WithdrawApplicationRequest, context: Context
    ) -> Application:
        return await self._change(
            request,
            wire.to_withdrawal(request),
            withdraw_applications,
            now=_now(),
            policy=self._policy,
        )

    async def DivertApplication(
        self, request: pb.DivertApplicationRequest, context: Context
    ) -> Application:
        return await self._change(request, wire.to_diversion(request), divert_applications)

    async def BatchSubmitApplications(
        self, request: pb.BatchSubmitApplicationsRequest, context: Context
    ) -> pb.BatchSubmitApplicationsResponse:
        call = current_call()
        answers = await self._commands.many(
            call,
            request,
            [SubmitApplication(**wire.to_target(item)) for item in request.items],
            partial(submit_applications, caller=call.caller),
        )
        return pb.BatchSubmitApplicationsResponse(results=map(wire.to_result, answers))

    async def GetApplication(
        self, request: pb.GetApplicationRequest, context: Context
    ) -> Application:
        call = current_call()
        application_id = parse_uuid(wire.COLLECTION, request.name)
        row = await queries.get_application(self._reader, application_id, scope=call.scope)
        message = wire.to_message(row)
        await self._present([message], call.caller)
        return message

    async def ListApplications(
        self, request: pb.ListApplicationsRequest, context: Context
    ) -> pb.ListApplicationsResponse:
        call = current_call()
        filters = {
            "batch_id": parse_uuid_or_none(
                "transferBatches", request.transfer_batch, field="transfer_batch"
            ),
            "state": state_filter(Application.State.Name, request.state),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_applications(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListApplicationsResponse(applications=messages, next_page_token=next_token)

    async def _seal(self, request: Any, **texts: str) -> dict[str, bytes]:
        """Seal texts about the applicant; who is no party learns that there is none."""
        row = await queries.get_application(
            self._reader,
            parse_uuid(wire.COLLECTION, request.name),
            scope=current_call().caller.organisation,
        )
        return await self._sealer.seal(row["person_id"], **texts)

    async def _change(
        self, request: Any, item: Any, command: Callable[..., Awaitable[Any]], **facts: Any
    ) -> Application:
        call = current_call()
        work = partial(command, caller=call.caller, **facts)
        return cast("Application", await self._commands.one(call, request, item, work))


def _now() -> datetime:
    return current_call().origin.business_time
