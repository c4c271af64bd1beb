"""The servicer of indicators: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.assistance.v1 import indicator_service_pb2 as pb
from guantong.assistance.v1.indicator_pb2 import Indicator
from guantong.assistance.v1.indicator_service_pb2_grpc import IndicatorServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.requests import Commands
from services.assistance.commands.create_indicators import create_indicators
from services.assistance.edge.wire import indicators as wire
from services.assistance.queries import indicators as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Indicators(IndicatorServiceServicer):
    """Sets and finds indicators and shows what they count."""

    def __init__(self, *, commands: Commands, reader: db.Reader) -> None:
        self._commands = commands
        self._reader = reader

    async def CreateIndicator(
        self, request: pb.CreateIndicatorRequest, context: Context
    ) -> Indicator:
        call = current_call()
        work = partial(create_indicators, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_creation(request), work)
        return cast("Indicator", answer)

    async def GetIndicator(self, request: pb.GetIndicatorRequest, context: Context) -> Indicator:
        indicator_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(await queries.get_indicator(self._reader, indicator_id, scope=scope))

    async def ListIndicators(
        self, request: pb.ListIndicatorsRequest, context: Context
    ) -> pb.ListIndicatorsResponse:
        filters = {"pairing_id": parse_uuid_or_none("pairings", request.pairing, field="pairing")}
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_indicators(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListIndicatorsResponse(
            indicators=map(wire.to_message, rows), next_page_token=next_token
        )

    async def ListIndicatorEvidence(
        self, request: pb.ListIndicatorEvidenceRequest, context: Context
    ) -> pb.ListIndicatorEvidenceResponse:
        indicator_id = parse_uuid(wire.COLLECTION, request.name)
        page = read_page(request.page_size, request.page_token, {"indicator_id": indicator_id})
        rows, next_token = await queries.list_evidence(
            self._reader, page, indicator_id, scope=current_call().scope
        )
        return pb.ListIndicatorEvidenceResponse(
            evidence=map(wire.to_evidence_message, rows), next_page_token=next_token
        )
