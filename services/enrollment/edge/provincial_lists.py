"""The servicer of provincial lists: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import provincial_list_service_pb2 as pb
from guantong.enrollment.v1.provincial_list_pb2 import ProvincialList, ProvincialListImport
from guantong.enrollment.v1.provincial_list_service_pb2_grpc import ProvincialListServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.requests import Commands
from services.enrollment.commands.import_provincial_list_rows import (
    NothingWritten,
    import_provincial_list_rows,
)
from services.enrollment.commands.publish_provincial_lists import publish_provincial_lists
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import provincial_lists as wire
from services.enrollment.queries import provincial_lists as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class ProvincialLists(ProvincialListServiceServicer):
    """Registers lists, imports their rows and finds what does not agree."""

    def __init__(self, *, commands: Commands, reader: db.Reader, policies: PolicyTable) -> None:
        self._commands = commands
        self._reader = reader
        self._policies = policies

    async def PublishProvincialList(
        self, request: pb.PublishProvincialListRequest, context: Context
    ) -> ProvincialList:
        call = current_call()
        work = partial(publish_provincial_lists, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_publish(request), work)
        return cast("ProvincialList", answer)

    async def ImportProvincialListRows(
        self, request: pb.ImportProvincialListRowsRequest, context: Context
    ) -> ProvincialListImport:
        call = current_call()
        work = partial(
            import_provincial_list_rows,
            caller=call.caller,
            now=call.origin.business_time,
            policies=self._policies,
        )
        try:
            answer = await self._commands.one(call, request, wire.to_import(request), work)
        except NothingWritten as nothing:
            return wire.to_unwritten(nothing.outcome)
        return cast("ProvincialListImport", answer)

    async def GetProvincialList(
        self, request: pb.GetProvincialListRequest, context: Context
    ) -> ProvincialList:
        list_id = parse_uuid(wire.COLLECTION, request.name)
        return wire.to_message(await queries.get_provincial_list(self._reader, list_id))

    async def ListProvincialLists(
        self, request: pb.ListProvincialListsRequest, context: Context
    ) -> pb.ListProvincialListsResponse:
        filters = {"approval_year": request.approval_year or None}
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_provincial_lists(self._reader, page, **filters)
        return pb.ListProvincialListsResponse(
            provincial_lists=map(wire.to_message, rows), next_page_token=next_token
        )

    async def GetProvincialListImport(
        self, request: pb.GetProvincialListImportRequest, context: Context
    ) -> ProvincialListImport:
        import_id = parse_uuid(wire.IMPORTS, request.name)
        scope = current_call().scope
        row = await queries.get_provincial_list_import(self._reader, import_id, scope=scope)
        return wire.to_import_message(row)

    async def ListProvincialListImports(
        self, request: pb.ListProvincialListImportsRequest, context: Context
    ) -> pb.ListProvincialListImportsResponse:
        filters = {
            "list_id": parse_uuid_or_none(
                wire.COLLECTION, request.provincial_list, field="provincial_list"
            )
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_provincial_list_imports(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListProvincialListImportsResponse(
            provincial_list_imports=map(wire.to_import_message, rows), next_page_token=next_token
        )
