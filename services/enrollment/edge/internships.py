"""The servicer of internships and their points: parse, run the command, answer."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import internship_service_pb2 as pb
from guantong.enrollment.v1.internship_pb2 import Internship, InternshipPoint
from guantong.enrollment.v1.internship_service_pb2_grpc import InternshipServiceServicer

from chassis import db
from chassis.civil import to_date_or_none
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.names import parse_slug_or_none, parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.commands.break_off_internships import break_off_internships
from services.enrollment.commands.complete_internships import complete_internships
from services.enrollment.commands.declare_internship_points import declare_internship_points
from services.enrollment.commands.end_internship_points import end_internship_points
from services.enrollment.commands.extend_internships import extend_internships
from services.enrollment.commands.plan_internships import plan_internships
from services.enrollment.commands.sign_internships import sign_internships
from services.enrollment.commands.start_internships import start_internships
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.regions import Regions
from services.enrollment.edge.wire import internships as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import internships as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Internships(InternshipServiceServicer):
    """Plans, signs, runs and ends internships, and keeps the points at which they are done."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        keys: KeyStore,
        policies: PolicyTable,
        regions: Regions,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._keys = keys
        self._policies = policies
        self._regions = regions

    async def DeclareInternshipPoint(
        self, request: pb.DeclareInternshipPointRequest, context: Context
    ) -> InternshipPoint:
        work = partial(declare_internship_points, regions=self._regions)
        return cast("InternshipPoint", await self._do(request, wire.to_declare(request), work))

    async def EndInternshipPoint(
        self, request: pb.EndInternshipPointRequest, context: Context
    ) -> InternshipPoint:
        answer = await self._do(request, wire.to_end(request), end_internship_points)
        return cast("InternshipPoint", answer)

    async def GetInternshipPoint(
        self, request: pb.GetInternshipPointRequest, context: Context
    ) -> InternshipPoint:
        point_id = parse_uuid(wire.POINTS, request.name)
        scope = current_call().scope
        row = await queries.get_internship_point(self._reader, point_id, scope=scope)
        return wire.to_point_message(row)

    async def ListInternshipPoints(
        self, request: pb.ListInternshipPointsRequest, context: Context
    ) -> pb.ListInternshipPointsResponse:
        filters = {
            **_organisations(request),
            "state": filter_of(InternshipPoint.State.Name, request.state, prefix="STATE_"),
            "at_date": to_date_or_none(request, "at_date"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_internship_points(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListInternshipPointsResponse(
            internship_points=map(wire.to_point_message, rows), next_page_token=next_token
        )

    async def PlanInternship(
        self, request: pb.PlanInternshipRequest, context: Context
    ) -> Internship:
        work = partial(plan_internships, keys=self._keys, policies=self._policies)
        return await self._change(request, wire.to_plan(request), work)

    async def SignInternship(
        self, request: pb.SignInternshipRequest, context: Context
    ) -> Internship:
        work = partial(sign_internships, keys=self._keys, policies=self._policies, now=_now())
        return await self._change(request, wire.to_sign(request), work)

    async def StartInternship(
        self, request: pb.StartInternshipRequest, context: Context
    ) -> Internship:
        work = partial(start_internships, keys=self._keys, policies=self._policies, now=_now())
        return await self._change(request, wire.to_start(request), work)

    async def ExtendInternship(
        self, request: pb.ExtendInternshipRequest, context: Context
    ) -> Internship:
        work = partial(extend_internships, policies=self._policies, now=_now())
        return await self._change(request, wire.to_extend(request), work)

    async def CompleteInternship(
        self, request: pb.CompleteInternshipRequest, context: Context
    ) -> Internship:
        work = partial(complete_internships, now=_now())
        return await self._change(request, wire.to_complete(request), work)

    async def BreakOffInternship(
        self, request: pb.BreakOffInternshipRequest, context: Context
    ) -> Internship:
        work = partial(break_off_internships, now=_now())
        return await self._change(request, wire.to_break_off(request), work)

    async def GetInternship(self, request: pb.GetInternshipRequest, context: Context) -> Internship:
        internship_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        row = await queries.get_internship(self._reader, internship_id, scope=scope)
        (message,) = await self._shown([row])
        return message

    async def ListInternships(
        self, request: pb.ListInternshipsRequest, context: Context
    ) -> pb.ListInternshipsResponse:
        filters = {
            **_organisations(request),
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
            "point_id": parse_uuid_or_none(
                wire.POINTS, request.internship_point, field="internship_point"
            ),
            "state": filter_of(Internship.State.Name, request.state, prefix="STATE_"),
            "at_date": to_date_or_none(request, "at_date"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_internships(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListInternshipsResponse(
            internships=await self._shown(rows), next_page_token=next_token
        )

    async def _change(self, request: Any, item: Any, work: Any) -> Internship:
        return cast("Internship", await self._do(request, item, work))

    async def _do(self, request: Any, item: Any, work: Any) -> Any:
        call = current_call()
        return await self._commands.one(call, request, item, partial(work, caller=call.caller))

    async def _shown(self, rows: Sequence[db.Row]) -> list[Internship]:
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, current_call().caller)
        return messages


def _organisations(request: Any) -> dict[str, str | None]:
    return {
        name: parse_slug_or_none("organisations", getattr(request, name), field=name)
        for name in ("organisation", "enterprise")
    }


def _now() -> Any:
    return current_call().origin.business_time
