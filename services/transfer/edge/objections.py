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
from chassis.requests import Commands
from services.transfer.commands.raise_objections import raise_objections
from services.transfer.commands.resolve_objections import resolve_objections
from services.transfer.edge.wire import objections as wire
from services.transfer.queries import objections as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Objections(ObjectionServiceServicer):
    """Raises, decides and finds objections."""

    def __init__(self, *, commands: Commands, reader: db.Reader) -> None:
        self._commands = commands
        self._reader = reader

    async def RaiseObjection(
        self, request: pb.RaiseObjectionRequest, context: Context
    ) -> Objection:
        call = current_call()
        work = partial(raise_objections, caller=call.caller, now=call.origin.business_time)
        answer = await self._commands.one(call, request, wire.to_raise(request), work)
        return cast("Objection", answer)

    async def ResolveObjection(
        self, request: pb.ResolveObjectionRequest, context: Context
    ) -> Objection:
        call = current_call()
        work = partial(resolve_objections, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_resolve(request), work)
        return cast("Objection", answer)

    async def GetObjection(self, request: pb.GetObjectionRequest, context: Context) -> Objection:
        objection_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(await queries.get_objection(self._reader, objection_id, scope=scope))

    async def ListObjections(
        self, request: pb.ListObjectionsRequest, context: Context
    ) -> pb.ListObjectionsResponse:
        filters = {
            "batch_id": parse_uuid_or_none(
                "transferBatches", request.transfer_batch, field="transfer_batch"
            )
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_objections(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListObjectionsResponse(
            objections=map(wire.to_message, rows), next_page_token=next_token
        )
