"""The servicer of status changes: parse, seal why, run the command, answer."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import status_change_service_pb2 as pb
from guantong.enrollment.v1.status_change_pb2 import StatusChange, StatusChangeForm
from guantong.enrollment.v1.status_change_service_pb2_grpc import StatusChangeServiceServicer

from chassis import db
from chassis.clock import civil_date
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.texts import to_text
from services.enrollment.commands.approve_status_changes import approve_status_changes
from services.enrollment.commands.effect_status_changes import effect_status_changes
from services.enrollment.commands.notice_status_changes import notice_status_changes
from services.enrollment.commands.propose_status_changes import propose_status_changes
from services.enrollment.commands.reject_status_changes import reject_status_changes
from services.enrollment.commands.seal_reasons import ReasonSealer
from services.enrollment.commands.withdraw_status_changes import withdraw_status_changes
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.status_change import State
from services.enrollment.edge.wire import status_changes as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import status_changes as queries
from services.enrollment.queries import status_records as record_queries
from services.enrollment.store.status_changes import from_row

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class StatusChanges(StatusChangeServiceServicer):
    """Proposes status changes, lets a chain approve them and puts them into effect."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        sealer: ReasonSealer,
        policies: PolicyTable,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._sealer = sealer
        self._policies = policies

    async def ProposeStatusChange(
        self, request: pb.ProposeStatusChangeRequest, context: Context
    ) -> StatusChange:
        call = current_call()
        reason = to_text(request.reason, field="reason")
        record_id = parse_uuid("statusRecords", request.status_record, field="status_record")
        # Who is no party learns that there is none.
        row = await record_queries.get_status_record(
            self._reader, record_id, scope=call.caller.organisation
        )
        sealed = await self._sealer.seal(
            row["person_id"],
            ground=wire.to_ground(request),
            reason=reason,
            facts=wire.to_facts(request),
        )
        item = wire.to_propose(request, sealed)
        work = partial(
            propose_status_changes,
            caller=call.caller,
            today=civil_date(call.origin.business_time),
            policies=self._policies,
        )
        return cast("StatusChange", await self._commands.one(call, request, item, work))

    async def ApproveStatusChange(
        self, request: pb.ApproveStatusChangeRequest, context: Context
    ) -> StatusChange:
        today = civil_date(current_call().origin.business_time)
        work = partial(approve_status_changes, today=today, policies=self._policies)
        return await self._transition(request, wire.to_target(request), work)

    async def RejectStatusChange(
        self, request: pb.RejectStatusChangeRequest, context: Context
    ) -> StatusChange:
        today = civil_date(current_call().origin.business_time)
        work = partial(reject_status_changes, today=today)
        return await self._transition(request, wire.to_target(request), work)

    async def WithdrawStatusChange(
        self, request: pb.WithdrawStatusChangeRequest, context: Context
    ) -> StatusChange:
        return await self._transition(request, wire.to_target(request), withdraw_status_changes)

    async def NoticeStatusChange(
        self, request: pb.NoticeStatusChangeRequest, context: Context
    ) -> StatusChange:
        today = civil_date(current_call().origin.business_time)
        work = partial(notice_status_changes, today=today, policies=self._policies)
        return await self._transition(request, wire.to_notice(request), work)

    async def EffectStatusChange(
        self, request: pb.EffectStatusChangeRequest, context: Context
    ) -> StatusChange:
        now = current_call().origin.business_time
        work = partial(effect_status_changes, now=now)
        return await self._transition(request, wire.to_target(request), work)

    async def _transition(self, request: Any, item: Any, work: Callable[..., Any]) -> StatusChange:
        call = current_call()
        answer = await self._commands.one(call, request, item, partial(work, caller=call.caller))
        return cast("StatusChange", answer)

    async def GetStatusChange(
        self, request: pb.GetStatusChangeRequest, context: Context
    ) -> StatusChange:
        call = current_call()
        change_id = parse_uuid(wire.COLLECTION, request.name)
        row = await queries.get_status_change(self._reader, change_id, scope=call.scope)
        message = wire.to_message(from_row(row))
        await self._present([message], call.caller)
        return message

    async def GetStatusChangeForm(
        self, request: pb.GetStatusChangeFormRequest, context: Context
    ) -> StatusChangeForm:
        call = current_call()
        change_id = parse_uuid(wire.COLLECTION, request.name)
        change = from_row(
            await queries.get_status_change(self._reader, change_id, scope=call.scope)
        )
        printed = await queries.get_printed(
            self._reader,
            change.status_record_id,
            effected_on=change.effective_date if change.state is State.EFFECTIVE else None,
        )
        form = wire.to_form(change, printed)
        await self._present([form], call.caller)
        return form

    async def ListStatusChanges(
        self, request: pb.ListStatusChangesRequest, context: Context
    ) -> pb.ListStatusChangesResponse:
        call = current_call()
        filters = {
            "state": filter_of(StatusChange.State.Name, request.state, prefix="STATE_"),
            "kind": filter_of(StatusChange.Kind.Name, request.kind, prefix="KIND_"),
            "status_record_id": parse_uuid_or_none(
                "statusRecords", request.status_record, field="status_record"
            ),
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_status_changes(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [wire.to_message(from_row(row)) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListStatusChangesResponse(status_changes=messages, next_page_token=next_token)
