"""The servicer of placements: parse, run the command, answer."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import placement_service_pb2 as pb
from guantong.enrollment.v1.placement_pb2 import Placement
from guantong.enrollment.v1.placement_service_pb2_grpc import PlacementServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.names import parse_slug_or_none, parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.commands.confirm_placements import confirm_placements
from services.enrollment.commands.record_placements import record_placements
from services.enrollment.domain.regions import Regions
from services.enrollment.edge.wire import placements as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import placements as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Placements(PlacementServiceServicer):
    """Records, confirms and finds the destinations of graduates."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        keys: KeyStore,
        regions: Regions,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._keys = keys
        self._regions = regions

    async def RecordPlacement(
        self, request: pb.RecordPlacementRequest, context: Context
    ) -> Placement:
        work = partial(record_placements, keys=self._keys, regions=self._regions)
        return await self._do(request, wire.to_record(request), work)

    async def ConfirmPlacement(
        self, request: pb.ConfirmPlacementRequest, context: Context
    ) -> Placement:
        return await self._do(request, wire.to_confirm(request), confirm_placements)

    async def GetPlacement(self, request: pb.GetPlacementRequest, context: Context) -> Placement:
        placement_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        row = await queries.get_placement(self._reader, placement_id, scope=scope)
        (message,) = await self._shown([row])
        return message

    async def ListPlacements(
        self, request: pb.ListPlacementsRequest, context: Context
    ) -> pb.ListPlacementsResponse:
        filters = {
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
            "status_record_id": parse_uuid_or_none(
                "statusRecords", request.status_record, field="status_record"
            ),
            "organisation": parse_slug_or_none(
                "organisations", request.organisation, field="organisation"
            ),
            "state": filter_of(Placement.State.Name, request.state, prefix="STATE_"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_placements(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListPlacementsResponse(
            placements=await self._shown(rows), next_page_token=next_token
        )

    async def _do(self, request: Any, item: Any, work: Any) -> Placement:
        call = current_call()
        work = partial(work, caller=call.caller, now=call.origin.business_time)
        return cast("Placement", await self._commands.one(call, request, item, work))

    async def _shown(self, rows: Sequence[db.Row]) -> list[Placement]:
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, current_call().caller)
        return messages
