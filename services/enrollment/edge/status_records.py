"""The servicer of status records: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import status_record_service_pb2 as pb
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.status_record_pb2 import StatusRecord
from guantong.enrollment.v1.status_record_service_pb2_grpc import StatusRecordServiceServicer

from chassis import db
from chassis.civil import to_date, to_date_or_none
from chassis.clock import civil_date
from chassis.errors import ResourceNotFound
from chassis.interceptors import current_call
from chassis.names import parse_slug, parse_slug_or_none, parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.sealing import TextSealer
from services.enrollment.commands.conclude_status_records import conclude_status_records
from services.enrollment.commands.graduate_status_records import graduate_status_records
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.student_status import IN_SCHOOL, ON_BOOKS
from services.enrollment.edge.wire import status_records as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import headcounts
from services.enrollment.queries import status_records as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class StatusRecords(StatusRecordServiceServicer):
    """Finds and counts status records, and records how stages end."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        sealer: TextSealer,
        policies: PolicyTable,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._sealer = sealer
        self._policies = policies

    async def GraduateStatusRecord(
        self, request: pb.GraduateStatusRecordRequest, context: Context
    ) -> StatusRecord:
        call = current_call()
        sealed = await self._seal(request, diploma_number=request.diploma_number)
        work = partial(graduate_status_records, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_graduate(request, sealed), work)
        return cast("StatusRecord", answer)

    async def ConcludeStatusRecord(
        self, request: pb.ConcludeStatusRecordRequest, context: Context
    ) -> StatusRecord:
        call = current_call()
        sealed = await self._seal(request, certificate_number=request.certificate_number)
        work = partial(
            conclude_status_records,
            caller=call.caller,
            now=call.origin.business_time,
            policies=self._policies,
        )
        answer = await self._commands.one(call, request, wire.to_conclude(request, sealed), work)
        return cast("StatusRecord", answer)

    async def GetStatusRecord(
        self, request: pb.GetStatusRecordRequest, context: Context
    ) -> StatusRecord:
        record_id = parse_uuid(wire.COLLECTION, request.name)
        call = current_call()
        row = await queries.get_status_record(self._reader, record_id, scope=call.scope)
        message = wire.to_message(row)
        await self._present([message], call.caller)
        return message

    async def ListStatusRecords(
        self, request: pb.ListStatusRecordsRequest, context: Context
    ) -> pb.ListStatusRecordsResponse:
        filters = {
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
            "organisation": parse_slug_or_none(
                "organisations", request.organisation, field="organisation"
            ),
            "state": filter_of(StatusRecord.State.Name, request.state, prefix="STATE_"),
            "level": filter_of(PathwayProject.Level.Name, request.level, prefix="LEVEL_"),
            "major_code": request.major_code or None,
            "project_id": parse_uuid_or_none(
                "pathwayProjects", request.pathway_project, field="pathway_project"
            ),
            "at_date": to_date_or_none(request, "at_date"),
        }
        call = current_call()
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_status_records(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListStatusRecordsResponse(status_records=messages, next_page_token=next_token)

    async def _seal(self, request: Any, **texts: str) -> dict[str, bytes]:
        """Seal what is said of the student; who is no party learns that there is no record."""
        row = await queries.get_status_record(
            self._reader,
            parse_uuid(wire.COLLECTION, request.name),
            scope=current_call().caller.organisation,
        )
        return await self._sealer.seal(row["person_id"], **texts)

    async def ComputeHeadcount(
        self, request: pb.ComputeHeadcountRequest, context: Context
    ) -> pb.ComputeHeadcountResponse:
        scope = current_call().scope
        organisation = parse_slug("organisations", request.organisation, field="organisation")
        if scope is not None and scope != organisation:
            raise ResourceNotFound(name=request.organisation)
        level = filter_of(PathwayProject.Level.Name, request.level, prefix="LEVEL_")
        counts = await headcounts.count_by_status(
            self._reader,
            organisation,
            on=to_date(request.date, field="date"),
            level=level or "",
            registered_only=request.registered_only,
            major_code=request.major_code,
        )
        return pb.ComputeHeadcountResponse(
            in_school_count=sum(counts.get(each, 0) for each in IN_SCHOOL),
            on_books_count=sum(counts.get(each, 0) for each in ON_BOOKS),
            status_counts=[
                pb.StatusCount(status=StatusRecord.Status.Value(f"STATUS_{each}"), count=count)
                for each, count in counts.items()
            ],
        )

    async def ListHeadcounts(
        self, request: pb.ListHeadcountsRequest, context: Context
    ) -> pb.ListHeadcountsResponse:
        call = current_call()
        on = to_date_or_none(request, "at_date") or civil_date(call.origin.business_time)
        asked = request.organisation
        organisation = (
            parse_slug("organisations", asked, field="organisation") if asked else call.scope
        )
        if call.scope not in {None, organisation}:
            raise ResourceNotFound(name=asked)
        filters = headcounts.Filters(
            organisation=organisation,
            level=filter_of(PathwayProject.Level.Name, request.level, prefix="LEVEL_") or "",
            major_code=request.major_code,
            region_prefix=request.region_prefix,
            registered_only=request.registered_only,
        )
        page = read_page(request.page_size, request.page_token, {**filters._asdict(), "on": on})
        rows, next_token, totals = await headcounts.list_headcounts(
            self._reader, page, filters, on=on
        )
        return pb.ListHeadcountsResponse(
            headcounts=map(wire.to_headcount, rows),
            next_page_token=next_token,
            total_in_school_count=totals["in_school_count"],
            total_on_books_count=totals["on_books_count"],
        )
