"""The servicer of pairings: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.assistance.v1 import pairing_service_pb2 as pb
from guantong.assistance.v1.pairing_pb2 import Pairing
from guantong.assistance.v1.pairing_service_pb2_grpc import PairingServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid
from chassis.paging import read_page
from chassis.requests import Commands
from services.assistance.commands.create_pairings import create_pairings
from services.assistance.edge.wire import pairings as wire
from services.assistance.queries import pairings as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Pairings(PairingServiceServicer):
    """Records and finds pairings."""

    def __init__(self, *, commands: Commands, reader: db.Reader) -> None:
        self._commands = commands
        self._reader = reader

    async def CreatePairing(self, request: pb.CreatePairingRequest, context: Context) -> Pairing:
        call = current_call()
        work = partial(create_pairings, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_creation(request), work)
        return cast("Pairing", answer)

    async def GetPairing(self, request: pb.GetPairingRequest, context: Context) -> Pairing:
        pairing_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(await queries.get_pairing(self._reader, pairing_id, scope=scope))

    async def ListPairings(
        self, request: pb.ListPairingsRequest, context: Context
    ) -> pb.ListPairingsResponse:
        page = read_page(request.page_size, request.page_token, {})
        rows, next_token = await queries.list_pairings(
            self._reader, page, scope=current_call().scope
        )
        return pb.ListPairingsResponse(
            pairings=map(wire.to_message, rows), next_page_token=next_token
        )
