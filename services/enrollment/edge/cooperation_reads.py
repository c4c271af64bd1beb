"""The reads of cooperations, heads and rosters: parse, ask, answer."""

from typing import Any, TypeAlias

import grpc.aio
from guantong.enrollment.v1 import cooperation_service_pb2 as pb
from guantong.enrollment.v1.cooperation_pb2 import Cooperation, CooperationHead, CooperationPupil
from guantong.enrollment.v1.cooperation_service_pb2_grpc import CooperationServiceServicer

from chassis import db
from chassis.civil import to_date, to_date_or_none
from chassis.interceptors import current_call
from chassis.names import parse_slug_or_none, parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from services.enrollment.edge.wire import cooperation_pupils as pupil_wire
from services.enrollment.edge.wire import cooperations as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import cooperation_pupils as pupil_queries
from services.enrollment.queries import cooperations as queries
from services.enrollment.queries.cooperation_counts import count_cooperations
from services.enrollment.queries.regions import region_prefix

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class CooperationReads(CooperationServiceServicer):
    """Finds cooperations, who heads them, and who is on their rosters."""

    def __init__(self, *, reader: db.Reader, present: Presenter) -> None:
        self._reader = reader
        self._present = present

    async def GetCooperation(
        self, request: pb.GetCooperationRequest, context: Context
    ) -> Cooperation:
        cooperation_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        found = await queries.get_cooperation(self._reader, cooperation_id, scope=scope)
        return wire.to_message(found)

    async def ListCooperations(
        self, request: pb.ListCooperationsRequest, context: Context
    ) -> pb.ListCooperationsResponse:
        filters = {
            "kind": filter_of(Cooperation.Kind.Name, request.kind, prefix="KIND_"),
            "state": filter_of(Cooperation.State.Name, request.state, prefix="STATE_"),
            "party": _slug_or_none(request, "party"),
            "region": region_prefix(request.region_code) or None,
            "in_force_date": to_date_or_none(request, "in_force_date"),
            "holder": _slug_or_none(request, "holder"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        found, next_token = await queries.list_cooperations(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListCooperationsResponse(
            cooperations=map(wire.to_message, found), next_page_token=next_token
        )

    async def CountCooperations(
        self, request: pb.CountCooperationsRequest, context: Context
    ) -> pb.CountCooperationsResponse:
        rows = await count_cooperations(
            self._reader,
            on=to_date(request.date, field="date"),
            scope=current_call().scope,
            kind=filter_of(Cooperation.Kind.Name, request.kind, prefix="KIND_") or "",
            party=_slug_or_none(request, "party") or "",
            region=region_prefix(request.region_code),
        )
        return pb.CountCooperationsResponse(lines=map(wire.to_line, rows))

    async def GetCooperationHead(
        self, request: pb.GetCooperationHeadRequest, context: Context
    ) -> CooperationHead:
        call = current_call()
        head_id = parse_uuid(wire.HEADS, request.name)
        row = await queries.get_cooperation_head(self._reader, head_id, scope=call.scope)
        message = wire.to_head_message(row)
        await self._present([message], call.caller)
        return message

    async def ListCooperationHeads(
        self, request: pb.ListCooperationHeadsRequest, context: Context
    ) -> pb.ListCooperationHeadsResponse:
        call = current_call()
        filters = {"cooperation_id": _cooperation_id(request)}
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_cooperation_heads(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [wire.to_head_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListCooperationHeadsResponse(
            cooperation_heads=messages, next_page_token=next_token
        )

    async def GetCooperationPupil(
        self, request: pb.GetCooperationPupilRequest, context: Context
    ) -> CooperationPupil:
        call = current_call()
        pupil_id = parse_uuid(pupil_wire.COLLECTION, request.name)
        row = await pupil_queries.get_cooperation_pupil(self._reader, pupil_id, scope=call.scope)
        message = pupil_wire.to_message(row)
        await self._present([message], call.caller)
        return message

    async def ListCooperationPupils(
        self, request: pb.ListCooperationPupilsRequest, context: Context
    ) -> pb.ListCooperationPupilsResponse:
        filters = {
            "cooperation_id": _cooperation_id(request),
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
            "school": _slug_or_none(request, "school"),
            "state": filter_of(CooperationPupil.State.Name, request.state, prefix="STATE_"),
            "on_roster_date": to_date_or_none(request, "on_roster_date"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        call = current_call()
        rows, next_token = await pupil_queries.list_cooperation_pupils(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [pupil_wire.to_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListCooperationPupilsResponse(
            cooperation_pupils=messages, next_page_token=next_token
        )


def _slug_or_none(request: Any, field: str) -> str | None:
    return parse_slug_or_none("organisations", getattr(request, field), field=field)


def _cooperation_id(request: Any) -> Any:
    return parse_uuid_or_none(wire.COLLECTION, request.cooperation, field="cooperation")
