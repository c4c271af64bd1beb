"""The servicer of pathway projects: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import pathway_project_service_pb2 as pb
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.pathway_project_service_pb2_grpc import PathwayProjectServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid
from chassis.paging import read_page
from chassis.requests import Commands
from services.enrollment.commands.approve_pathway_projects import approve_pathway_projects
from services.enrollment.commands.close_pathway_projects import close_pathway_projects
from services.enrollment.commands.declare_pathway_projects import declare_pathway_projects
from services.enrollment.commands.stop_pathway_projects import stop_pathway_projects
from services.enrollment.domain.intakes import list_limits
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import pathway_projects as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import pathway_projects as queries
from services.enrollment.queries.intake_warnings import list_intake_warnings

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class PathwayProjects(PathwayProjectServiceServicer):
    """Declares, approves, stops, closes and finds pathway projects."""

    def __init__(self, *, commands: Commands, reader: db.Reader, policies: PolicyTable) -> None:
        self._commands = commands
        self._reader = reader
        self._policies = policies

    async def DeclarePathwayProject(
        self, request: pb.DeclarePathwayProjectRequest, context: Context
    ) -> PathwayProject:
        call = current_call()
        work = partial(
            declare_pathway_projects,
            caller=call.caller,
            policies=self._policies,
            now=call.origin.business_time,
        )
        answer = await self._commands.one(call, request, wire.to_declare(request), work)
        return cast("PathwayProject", answer)

    async def ApprovePathwayProject(
        self, request: pb.ApprovePathwayProjectRequest, context: Context
    ) -> PathwayProject:
        item = wire.to_approve(request)
        work = partial(approve_pathway_projects, policies=self._policies)
        answer = await self._commands.one(current_call(), request, item, work)
        return cast("PathwayProject", answer)

    async def StopPathwayProject(
        self, request: pb.StopPathwayProjectRequest, context: Context
    ) -> PathwayProject:
        call = current_call()
        work = partial(stop_pathway_projects, now=call.origin.business_time)
        answer = await self._commands.one(call, request, wire.to_stop(request), work)
        return cast("PathwayProject", answer)

    async def ClosePathwayProject(
        self, request: pb.ClosePathwayProjectRequest, context: Context
    ) -> PathwayProject:
        call = current_call()
        work = partial(close_pathway_projects, caller=call.caller, now=call.origin.business_time)
        answer = await self._commands.one(call, request, wire.to_close(request), work)
        return cast("PathwayProject", answer)

    async def GetPathwayProject(
        self, request: pb.GetPathwayProjectRequest, context: Context
    ) -> PathwayProject:
        project_id = parse_uuid(wire.COLLECTION, request.name)
        return wire.to_message(await queries.get_pathway_project(self._reader, project_id))

    async def ListPathwayProjects(
        self, request: pb.ListPathwayProjectsRequest, context: Context
    ) -> pb.ListPathwayProjectsResponse:
        filters = {
            "state": filter_of(PathwayProject.State.Name, request.state, prefix="STATE_"),
            "approval_year": request.approval_year or None,
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_pathway_projects(self._reader, page, **filters)
        return pb.ListPathwayProjectsResponse(
            pathway_projects=map(wire.to_message, rows), next_page_token=next_token
        )

    async def ListIntakeWarnings(
        self, request: pb.ListIntakeWarningsRequest, context: Context
    ) -> pb.ListIntakeWarningsResponse:
        year = request.approval_year
        page = read_page(request.page_size, request.page_token, {"approval_year": year})
        limits = list_limits(self._policies, approval_year=year)
        warnings, next_token = await list_intake_warnings(
            self._reader, page, limits=limits, approval_year=year
        )
        return pb.ListIntakeWarningsResponse(
            intake_warnings=map(wire.to_warning, warnings), next_page_token=next_token
        )
