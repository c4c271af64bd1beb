"""The servicer of imports: parse, run the stream, answer."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, TypeAlias, TypeVar

import grpc.aio
from google.protobuf.message import Message
from guantong.enrollment.v1 import import_service_pb2 as pb
from guantong.enrollment.v1.import_pb2 import Import
from guantong.enrollment.v1.import_service_pb2_grpc import (
    ImportServiceServicer,
    add_ImportServiceServicer_to_server,
)

from chassis import db
from chassis.changes import Encoders
from chassis.clock import civil_date
from chassis.foundation import Foundation
from chassis.import_steps import Importer
from chassis.imports import Imports
from chassis.interceptors import Call, current_call
from chassis.keys import KeyStore
from chassis.names import parse_uuid
from chassis.paging import read_page
from chassis.requests import Call as RequestCall
from services.enrollment.commands.finding import PersonFinder
from services.enrollment.commands.import_outcomes import OutcomeImporter
from services.enrollment.commands.import_roster import RosterImporter
from services.enrollment.commands.import_status_changes import StatusChangeImporter
from services.enrollment.commands.seal_applicants import ApplicantSealer
from services.enrollment.commands.standing import check_standing
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import imports as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.edge.wire.import_rosters import RosterRows
from services.enrollment.edge.wire.import_rows import read_outcome, read_status_change
from services.enrollment.queries import imports as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
Response = TypeVar("Response", bound=Message)


async def admit(tx: db.Transaction, call: RequestCall) -> None:
    """Let a chunk be written; raises OrganisationBlocked or OrganisationEnded."""
    own, acting_for = call.origin.organisation, call.caller.organisation
    await check_standing(tx, own, on=civil_date(call.origin.business_time), acting_for=acting_for)


class ImportStreams(ImportServiceServicer):
    """Takes files row by row and shows how far each is."""

    def __init__(
        self,
        *,
        imports: Imports,
        reader: db.Reader,
        sealer: ApplicantSealer,
        finder: PersonFinder,
        keys: KeyStore,
        policies: PolicyTable,
    ) -> None:
        self._imports = imports
        self._reader = reader
        self._sealer = sealer
        self._finder = finder
        self._keys = keys
        self._policies = policies

    def ImportRoster(
        self, requests: AsyncIterator[pb.ImportRosterRequest], context: Context
    ) -> AsyncIterator[pb.ImportRosterResponse]:
        def importer(call: Call) -> RosterImporter:
            today = civil_date(call.origin.business_time)
            return RosterImporter(
                RosterRows(today=today), self._sealer, caller=call.caller, today=today
            )

        return self._run(requests, importer, pb.ImportRosterResponse)

    def ImportOutcomes(
        self, requests: AsyncIterator[pb.ImportOutcomesRequest], context: Context
    ) -> AsyncIterator[pb.ImportOutcomesResponse]:
        def importer(call: Call) -> OutcomeImporter:
            now = call.origin.business_time
            return OutcomeImporter(
                partial(read_outcome, today=civil_date(now)),
                finder=self._finder,
                keys=self._keys,
                caller=call.caller,
                now=now,
            )

        return self._run(requests, importer, pb.ImportOutcomesResponse)

    def ImportStatusChanges(
        self, requests: AsyncIterator[pb.ImportStatusChangesRequest], context: Context
    ) -> AsyncIterator[pb.ImportStatusChangesResponse]:
        def importer(call: Call) -> StatusChangeImporter:
            today = civil_date(call.origin.business_time)
            return StatusChangeImporter(
                partial(read_status_change, today=today),
                finder=self._finder,
                keys=self._keys,
                caller=call.caller,
                today=today,
                policies=self._policies,
            )

        return self._run(requests, importer, pb.ImportStatusChangesResponse)

    async def _run(
        self,
        requests: AsyncIterator[Any],
        importer: Callable[[Call], Importer[Any, Any, Any]],
        response: type[Response],
    ) -> AsyncIterator[Any]:
        call = current_call()
        reply = partial(wire.to_response, response)
        run = self._imports.run(call, wire.to_steps(requests), importer(call), reply)
        async with aclosing(run) as answers:
            async for answer in answers:
                yield answer

    async def GetImport(self, request: pb.GetImportRequest, context: Context) -> Import:
        job_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(await queries.get_import(self._reader, job_id, scope=scope))

    async def ListImports(
        self, request: pb.ListImportsRequest, context: Context
    ) -> pb.ListImportsResponse:
        filters = {
            "kind": filter_of(Import.Kind.Name, request.kind, prefix="KIND_"),
            "state": filter_of(Import.State.Name, request.state, prefix="STATE_"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_imports(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListImportsResponse(
            imports=map(wire.to_message, rows), next_page_token=next_token
        )

    async def ListImportErrors(
        self, request: pb.ListImportErrorsRequest, context: Context
    ) -> pb.ListImportErrorsResponse:
        job_id = parse_uuid(wire.COLLECTION, request.name)
        page = read_page(request.page_size, request.page_token, {"name": request.name})
        rows, next_token = await queries.list_import_errors(
            self._reader, page, scope=current_call().scope, job_id=job_id
        )
        return pb.ListImportErrorsResponse(
            errors=map(wire.to_error, rows), next_page_token=next_token
        )


def add_imports(
    server: grpc.aio.Server,
    base: Foundation,
    encoders: Encoders,
    *,
    keys: KeyStore,
    index_key: bytes,
    policies: PolicyTable,
) -> None:
    """Add the servicer of imports, built on the open parts."""
    reader = base.database
    streams = ImportStreams(
        imports=Imports(reader, encoders, admit, request_key=base.request_key),
        reader=reader,
        sealer=ApplicantSealer(keys, index_key, reader),
        finder=PersonFinder(keys, index_key, reader),
        keys=keys,
        policies=policies,
    )
    add_ImportServiceServicer_to_server(streams, server)
