"""The servicer of majors: parse, run the command, answer."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import major_service_pb2 as pb
from guantong.enrollment.v1.major_pb2 import Major
from guantong.enrollment.v1.major_service_pb2_grpc import MajorServiceServicer

from chassis import db
from chassis.changes import Aggregate
from chassis.civil import to_date_or_none
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.interceptors import current_call
from chassis.names import parse_slug
from chassis.paging import read_page
from chassis.requests import Commands
from services.enrollment.commands.import_majors import ImportMajor, import_majors
from services.enrollment.commands.retire_majors import retire_majors
from services.enrollment.domain import major as domain
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import majors as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import majors as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Majors(MajorServiceServicer):
    """Keeps the catalogues and says what a code meant on a date."""

    def __init__(self, *, commands: Commands, reader: db.Reader, policies: PolicyTable) -> None:
        self._commands = commands
        self._reader = reader
        self._policies = policies

    async def ImportMajors(
        self, request: pb.ImportMajorsRequest, context: Context
    ) -> pb.ImportMajorsResponse:
        items = wire.to_imports(request)
        command = partial(import_majors, policies=self._policies)
        if not request.validate_only:
            answers = await self._commands.many(current_call(), request, items, command)
            return _response(cast("Sequence[Major | DomainError]", answers))

        async def trial(tx: db.Transaction, given: Sequence[ImportMajor]) -> Sequence[Aggregate]:
            raise _Tried(await command(tx, given))

        try:
            await self._commands.many(current_call(), request, items, trial)
        except _Tried as tried:
            return _response(
                [
                    each if isinstance(each, DomainError) else wire.of_major(each)
                    for each in tried.results
                ]
            )
        raise RuntimeError("a trial was answered from memory")

    async def RetireMajor(self, request: pb.RetireMajorRequest, context: Context) -> Major:
        item = wire.to_retire(request)
        answer = await self._commands.one(current_call(), request, item, retire_majors)
        return cast("Major", answer)

    async def GetMajor(self, request: pb.GetMajorRequest, context: Context) -> Major:
        major_id = parse_slug(wire.COLLECTION, request.name)
        return wire.to_message(await queries.get_major(self._reader, major_id))

    async def ResolveMajor(
        self, request: pb.ResolveMajorRequest, context: Context
    ) -> pb.ResolveMajorResponse:
        today = civil_date(current_call().origin.business_time)
        at = to_date_or_none(request, "at_date") or today
        found, in_place = await queries.resolve_major(
            self._reader,
            request.code,
            at=at,
            successors_at=to_date_or_none(request, "successor_date") or at,
        )
        return pb.ResolveMajorResponse(
            major=wire.of_major(found), successors=map(wire.of_major, in_place)
        )

    async def ListMajors(
        self, request: pb.ListMajorsRequest, context: Context
    ) -> pb.ListMajorsResponse:
        filters = {
            "level": filter_of(Major.Level.Name, request.level, prefix="LEVEL_"),
            "catalogue_year": request.catalogue_year or None,
            "code": request.code or None,
            "name_contains": request.name_contains or None,
            "at_date": to_date_or_none(request, "at_date"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_majors(self._reader, page, **filters)
        return pb.ListMajorsResponse(majors=map(wire.to_message, rows), next_page_token=next_token)


class _Tried(Exception):
    """Rolls back what was only tried, and brings out what would have become of it."""

    def __init__(self, results: Sequence[domain.Major | DomainError]) -> None:
        super().__init__()
        self.results = results


def _response(answers: Sequence[Major | DomainError]) -> pb.ImportMajorsResponse:
    return pb.ImportMajorsResponse(results=map(wire.to_result, answers))
