"""The servicer of organisations: parse, run the command, answer."""

from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import organisation_service_pb2 as pb
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.organisation_service_pb2_grpc import OrganisationServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_slug
from chassis.paging import read_page
from chassis.requests import Commands
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.edge.wire import organisations as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import organisations as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Organisations(OrganisationServiceServicer):
    """Registers and finds organisations."""

    def __init__(self, *, commands: Commands, reader: db.Reader) -> None:
        self._commands = commands
        self._reader = reader

    async def CreateOrganisation(
        self, request: pb.CreateOrganisationRequest, context: Context
    ) -> Organisation:
        item = wire.to_create(request)
        answer = await self._commands.one(current_call(), request, item, create_organisations)
        return cast("Organisation", answer)

    async def GetOrganisation(
        self, request: pb.GetOrganisationRequest, context: Context
    ) -> Organisation:
        organisation_id = parse_slug(wire.COLLECTION, request.name)
        return wire.to_message(await queries.get_organisation(self._reader, organisation_id))

    async def ListOrganisations(
        self, request: pb.ListOrganisationsRequest, context: Context
    ) -> pb.ListOrganisationsResponse:
        filters = {
            "kind": filter_of(Organisation.Kind.Name, request.kind, prefix="KIND_"),
            "region_code": request.region_code or None,
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_organisations(self._reader, page, **filters)
        return pb.ListOrganisationsResponse(
            organisations=map(wire.to_message, rows), next_page_token=next_token
        )
