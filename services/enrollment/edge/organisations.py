"""The servicer of organisations: parse, run the command, answer."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import organisation_service_pb2 as pb
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.organisation_service_pb2_grpc import OrganisationServiceServicer

from chassis import db
from chassis.civil import to_date_or_none
from chassis.clock import civil_date
from chassis.interceptors import current_call
from chassis.names import parse_slug
from chassis.paging import read_page
from chassis.requests import Commands
from services.enrollment.commands.add_organisation_aliases import add_organisation_aliases
from services.enrollment.commands.block_organisations import block_organisations
from services.enrollment.commands.close_organisations import close_organisations
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.merge_organisations import merge_organisations
from services.enrollment.commands.reassign_organisations import reassign_organisations
from services.enrollment.commands.relocate_organisations import relocate_organisations
from services.enrollment.commands.rename_organisations import rename_organisations
from services.enrollment.commands.split_organisations import split_organisations
from services.enrollment.commands.unblock_organisations import unblock_organisations
from services.enrollment.domain.regions import Regions
from services.enrollment.edge.wire import organisation_changes as changes
from services.enrollment.edge.wire import organisations as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import organisations as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Organisations(OrganisationServiceServicer):
    """Registers, changes and finds organisations."""

    def __init__(self, *, commands: Commands, reader: db.Reader, regions: Regions) -> None:
        self._commands = commands
        self._reader = reader
        self._regions = regions

    async def CreateOrganisation(
        self, request: pb.CreateOrganisationRequest, context: Context
    ) -> Organisation:
        now = current_call().origin.business_time
        command = partial(create_organisations, regions=self._regions, now=now)
        return await self._change(request, wire.to_create(request), command)

    async def RenameOrganisation(
        self, request: pb.RenameOrganisationRequest, context: Context
    ) -> Organisation:
        now = current_call().origin.business_time
        command = partial(rename_organisations, now=now)
        return await self._change(request, changes.to_rename(request), command)

    async def AddOrganisationAlias(
        self, request: pb.AddOrganisationAliasRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_alias(request), add_organisation_aliases)

    async def RelocateOrganisation(
        self, request: pb.RelocateOrganisationRequest, context: Context
    ) -> Organisation:
        now = current_call().origin.business_time
        command = partial(relocate_organisations, regions=self._regions, now=now)
        return await self._change(request, changes.to_relocate(request), command)

    async def ReassignOrganisation(
        self, request: pb.ReassignOrganisationRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_reassign(request), reassign_organisations)

    async def MergeOrganisation(
        self, request: pb.MergeOrganisationRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_merge(request), merge_organisations)

    async def SplitOrganisation(
        self, request: pb.SplitOrganisationRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_split(request), split_organisations)

    async def CloseOrganisation(
        self, request: pb.CloseOrganisationRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_close(request), close_organisations)

    async def BlockOrganisation(
        self, request: pb.BlockOrganisationRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_block(request), block_organisations)

    async def UnblockOrganisation(
        self, request: pb.UnblockOrganisationRequest, context: Context
    ) -> Organisation:
        return await self._change(request, changes.to_unblock(request), unblock_organisations)

    async def GetOrganisation(
        self, request: pb.GetOrganisationRequest, context: Context
    ) -> Organisation:
        organisation_id = parse_slug(wire.COLLECTION, request.name)
        return wire.to_message(await queries.get_organisation(self._reader, organisation_id))

    async def ResolveSuccessor(
        self, request: pb.ResolveSuccessorRequest, context: Context
    ) -> Organisation:
        today = civil_date(current_call().origin.business_time)
        holder = await queries.successor_at(
            self._reader,
            parse_slug(wire.COLLECTION, request.name),
            to_date_or_none(request, "at_date") or today,
            major_code=request.major_code,
        )
        return wire.to_message(await queries.get_organisation(self._reader, holder))

    async def ListOrganisations(
        self, request: pb.ListOrganisationsRequest, context: Context
    ) -> pb.ListOrganisationsResponse:
        filters = {
            "kind": filter_of(Organisation.Kind.Name, request.kind, prefix="KIND_"),
            "state": filter_of(Organisation.State.Name, request.state, prefix="STATE_"),
            **wire.to_filters(request),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_organisations(self._reader, page, **filters)
        return pb.ListOrganisationsResponse(
            organisations=map(wire.to_message, rows), next_page_token=next_token
        )

    async def _change(
        self, request: Any, item: Any, command: Callable[..., Awaitable[Any]]
    ) -> Organisation:
        answer = await self._commands.one(current_call(), request, item, command)
        return cast("Organisation", answer)
