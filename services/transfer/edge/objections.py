"""The servicer of objections: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.transfer.v1 import objection_service_pb2 as pb
from guantong.transfer.v1.objection_pb2 import Objection
from guantong.transfer.v1.objection_service_pb2_grpc import ObjectionServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.sealing import TextSealer
from chassis.texts import to_text
from services.transfer.commands.raise_objections import raise_objections
from services.transfer.commands.resolve_objections import resolve_objections
from services.transfer.edge.wire import objections as wire
from services.transfer.queries import applications as application_queries
from services.transfer.queries import objections as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Objections(ObjectionServiceServicer):
    """Raises, decides and finds objections."""

    def __init__(
        self, *, commands: Commands, reader: db.Reader, present: Presenter, sealer: TextSealer
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._sealer = sealer

    async def RaiseObjection(
        self, request: pb.RaiseObjectionRequest, context: Context
    ) -> Objection:
        call = current_call()
        ground = to_text(request.ground, field="ground")
        # Who is no party learns that there is none.
        application = await application_queries.get_application(
            self._reader,
            parse_uuid("applications", request.application, field="application"),
            scope=call.caller.organisation,
        )
        sealed = await self._sealer.seal(application["person_id"], ground=ground)
        work = partial(raise_objections, caller=call.caller, now=call.origin.business_time)
        answer = await self._commands.one(call, request, wire.to_raise(request, sealed), work)
        return cast("Objection", answer)

    async def ResolveObjection(
        self, request: pb.ResolveObjectionRequest, context: Context
    ) -> Objection:
        call = current_call()
        decision = to_text(request.decision, field="decision")
        objection = await queries.get_objection(
            self._reader,
            parse_uuid(wire.COLLECTION, request.name),
            scope=call.caller.organisation,
        )
        # A sealed value opens only as the field that it was sealed for.
        sealed = await self._sealer.seal(
            objection["person_id"], decision=decision, decision_reason=decision
        )
        work = partial(resolve_objections, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_resolve(request, sealed), work)
        return cast("Objection", answer)

    async def GetObjection(self, request: pb.GetObjectionRequest, context: Context) -> Objection:
        objection_id = parse_uuid(wire.COLLECTION, request.name)
        call = current_call()
        row = await queries.get_objection(self._reader, objection_id, scope=call.scope)
        message = wire.to_message(row)
        await self._present([message], call.caller)
        return message

    async def ListObjections(
        self, request: pb.ListObjectionsRequest, context: Context
    ) -> pb.ListObjectionsResponse:
        filters = {
            "batch_id": parse_uuid_or_none(
                "transferBatches", request.transfer_batch, field="transfer_batch"
            )
        }
        call = current_call()
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_objections(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListObjectionsResponse(objections=messages, next_page_token=next_token)
