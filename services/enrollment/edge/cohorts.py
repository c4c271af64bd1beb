"""The servicer of cohorts and their members: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import cohort_service_pb2 as pb
from guantong.enrollment.v1.cohort_pb2 import Cohort, CohortCounts, CohortMember
from guantong.enrollment.v1.cohort_service_pb2_grpc import CohortServiceServicer

from chassis import db
from chassis.civil import to_date_or_none
from chassis.clock import civil_date
from chassis.interceptors import current_call
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.sealing import TextSealer
from chassis.texts import to_text
from services.enrollment.commands.assign_classes import assign_classes
from services.enrollment.commands.enroll_cohort_members import enroll_cohort_members
from services.enrollment.commands.freeze_cohorts import freeze_cohorts
from services.enrollment.commands.open_cohorts import open_cohorts
from services.enrollment.commands.remove_cohort_members import remove_cohort_members
from services.enrollment.commands.rename_classes import rename_classes
from services.enrollment.commands.seal_applicants import ApplicantSealer
from services.enrollment.edge.wire import cohort_counts as counts_wire
from services.enrollment.edge.wire import cohort_members as member_wire
from services.enrollment.edge.wire import cohorts as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import cohort_counts
from services.enrollment.queries import cohort_members as member_queries
from services.enrollment.queries import cohorts as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Cohorts(CohortServiceServicer):
    """Opens cohorts, enrols their members and freezes the roster."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        sealer: ApplicantSealer,
        texts: TextSealer,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._sealer = sealer
        self._texts = texts

    async def OpenCohort(self, request: pb.OpenCohortRequest, context: Context) -> Cohort:
        call = current_call()
        work = partial(open_cohorts, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_open(request), work)
        return cast("Cohort", answer)

    async def FreezeCohort(self, request: pb.FreezeCohortRequest, context: Context) -> Cohort:
        call = current_call()
        work = partial(freeze_cohorts, caller=call.caller, now=call.origin.business_time)
        answer = await self._commands.one(call, request, wire.to_freeze(request), work)
        return cast("Cohort", answer)

    async def GetCohort(self, request: pb.GetCohortRequest, context: Context) -> Cohort:
        cohort_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(await queries.get_cohort(self._reader, cohort_id, scope=scope))

    async def ListCohorts(
        self, request: pb.ListCohortsRequest, context: Context
    ) -> pb.ListCohortsResponse:
        filters = {
            "project_id": parse_uuid_or_none(
                "pathwayProjects", request.pathway_project, field="pathway_project"
            )
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_cohorts(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListCohortsResponse(
            cohorts=map(wire.to_message, rows), next_page_token=next_token
        )

    async def RenameClass(self, request: pb.RenameClassRequest, context: Context) -> Cohort:
        call = current_call()
        work = partial(rename_classes, caller=call.caller, now=call.origin.business_time)
        answer = await self._commands.one(call, request, wire.to_rename_class(request), work)
        return cast("Cohort", answer)

    async def GetCohortCounts(
        self, request: pb.GetCohortCountsRequest, context: Context
    ) -> CohortCounts:
        call = current_call()
        whose, identity = counts_wire.to_whose(request.name)
        on = to_date_or_none(request, "at_date") or civil_date(call.origin.business_time)
        rows = await cohort_counts.count_members(
            self._reader, whose, identity, on=on, scope=call.scope
        )
        return counts_wire.to_message(rows, name=request.name, on=on)

    async def EnrollCohortMember(
        self, request: pb.EnrollCohortMemberRequest, context: Context
    ) -> CohortMember:
        call = current_call()
        details = member_wire.to_details(request, today=civil_date(call.origin.business_time))
        (applicant,) = await self._sealer.seal([details])
        item = member_wire.to_enroll(request, applicant)
        work = partial(enroll_cohort_members, caller=call.caller)
        return cast("CohortMember", await self._commands.one(call, request, item, work))

    async def RemoveCohortMember(
        self, request: pb.RemoveCohortMemberRequest, context: Context
    ) -> CohortMember:
        call = current_call()
        left_reason = to_text(request.left_reason, field="left_reason")
        # Who is no party learns that there is none.
        row = await member_queries.get_cohort_member(
            self._reader,
            parse_uuid(member_wire.COLLECTION, request.name),
            scope=call.caller.organisation,
        )
        sealed = await self._texts.seal(row["person_id"], left_reason=left_reason)
        work = partial(remove_cohort_members, caller=call.caller, now=call.origin.business_time)
        item = member_wire.to_remove(request, sealed)
        return cast("CohortMember", await self._commands.one(call, request, item, work))

    async def AssignClass(self, request: pb.AssignClassRequest, context: Context) -> CohortMember:
        call = current_call()
        work = partial(assign_classes, caller=call.caller, now=call.origin.business_time)
        answer = await self._commands.one(call, request, member_wire.to_assign(request), work)
        return cast("CohortMember", answer)

    async def GetCohortMember(
        self, request: pb.GetCohortMemberRequest, context: Context
    ) -> CohortMember:
        call = current_call()
        member_id = parse_uuid(member_wire.COLLECTION, request.name)
        row = await member_queries.get_cohort_member(self._reader, member_id, scope=call.scope)
        message = member_wire.to_message(row)
        await self._present([message], call.caller)
        return message

    async def ListCohortMembers(
        self, request: pb.ListCohortMembersRequest, context: Context
    ) -> pb.ListCohortMembersResponse:
        call = current_call()
        filters: dict[str, Any] = {
            "cohort_id": parse_uuid_or_none("cohorts", request.cohort, field="cohort"),
            "state": filter_of(CohortMember.State.Name, request.state, prefix="STATE_"),
            "class_name": request.class_name or None,
            "at_date": to_date_or_none(request, "at_date"),
            "left_from_date": to_date_or_none(request, "left_from_date"),
            "left_to_date": to_date_or_none(request, "left_to_date"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await member_queries.list_cohort_members(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [member_wire.to_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListCohortMembersResponse(cohort_members=messages, next_page_token=next_token)
