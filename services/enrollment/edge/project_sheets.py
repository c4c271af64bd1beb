"""The servicer of roster and quota sheets: read and answer."""

from typing import Any, TypeAlias

import grpc.aio
from guantong.enrollment.v1 import project_sheet_service_pb2 as pb
from guantong.enrollment.v1.project_sheet_pb2 import ProjectSheet
from guantong.enrollment.v1.project_sheet_service_pb2_grpc import ProjectSheetServiceServicer

from chassis import db
from chassis.civil import to_date_or_none
from chassis.clock import civil_date
from chassis.interceptors import current_call
from chassis.names import parse_slug_or_none, parse_uuid
from chassis.paging import read_page
from services.enrollment.edge.wire import project_sheets as wire
from services.enrollment.queries import project_sheets as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class ProjectSheets(ProjectSheetServiceServicer):
    """Reads the sheet as it was on any day."""

    def __init__(self, *, reader: db.Reader) -> None:
        self._reader = reader

    async def GetProjectSheet(
        self, request: pb.GetProjectSheetRequest, context: Context
    ) -> ProjectSheet:
        call = current_call()
        project_id = parse_uuid(wire.COLLECTION, request.name)
        on = to_date_or_none(request, "at_date") or civil_date(call.origin.business_time)
        row = await queries.get_project_sheet(self._reader, project_id, on=on, scope=call.scope)
        return wire.to_message(row, on=on)

    async def ListProjectSheets(
        self, request: pb.ListProjectSheetsRequest, context: Context
    ) -> pb.ListProjectSheetsResponse:
        call = current_call()
        on = to_date_or_none(request, "at_date") or civil_date(call.origin.business_time)
        filters = {
            "approval_year": request.approval_year or None,
            "front": parse_slug_or_none(
                "organisations", request.front_organisation, field="front_organisation"
            ),
            "back": parse_slug_or_none(
                "organisations", request.back_organisation, field="back_organisation"
            ),
            "front_major_code": request.front_major_code or None,
            "back_major_code": request.back_major_code or None,
        }
        page = read_page(request.page_size, request.page_token, {**filters, "on": on})
        rows, next_token, totals = await queries.list_project_sheets(
            self._reader, page, on=on, scope=call.scope, **filters
        )
        return pb.ListProjectSheetsResponse(
            project_sheets=[wire.to_message(row, on=on) for row in rows],
            next_page_token=next_token,
            totals=wire.to_counts(totals),
        )
