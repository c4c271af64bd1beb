"""The servicer of electronic registrations: parse, run the command, answer."""

from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import electronic_registration_service_pb2 as pb
from guantong.enrollment.v1.electronic_registration_pb2 import ElectronicRegistration
from guantong.enrollment.v1.electronic_registration_service_pb2_grpc import (
    ElectronicRegistrationServiceServicer,
)

from chassis import db
from chassis.clock import civil_date
from chassis.interceptors import current_call
from chassis.names import parse_slug_or_none, parse_uuid
from chassis.paging import read_page
from chassis.requests import Commands
from services.enrollment.commands.approve_electronic_registrations import (
    approve_electronic_registrations,
)
from services.enrollment.commands.file_electronic_registrations import (
    file_electronic_registrations,
)
from services.enrollment.commands.return_electronic_registrations import (
    return_electronic_registrations,
)
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import electronic_registrations as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import electronic_registrations as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class ElectronicRegistrations(ElectronicRegistrationServiceServicer):
    """Files electronic registrations and decides on them."""

    def __init__(self, *, commands: Commands, reader: db.Reader, policies: PolicyTable) -> None:
        self._commands = commands
        self._reader = reader
        self._policies = policies

    async def FileElectronicRegistration(
        self, request: pb.FileElectronicRegistrationRequest, context: Context
    ) -> ElectronicRegistration:
        call = current_call()
        today = civil_date(call.origin.business_time)
        work = partial(
            file_electronic_registrations, caller=call.caller, today=today, policies=self._policies
        )
        answer = await self._commands.one(call, request, wire.to_file(request), work)
        return cast("ElectronicRegistration", answer)

    async def ApproveElectronicRegistration(
        self, request: pb.ApproveElectronicRegistrationRequest, context: Context
    ) -> ElectronicRegistration:
        call = current_call()
        today = civil_date(call.origin.business_time)
        work = partial(approve_electronic_registrations, caller=call.caller, today=today)
        answer = await self._commands.one(call, request, wire.to_target(request), work)
        return cast("ElectronicRegistration", answer)

    async def ReturnElectronicRegistration(
        self, request: pb.ReturnElectronicRegistrationRequest, context: Context
    ) -> ElectronicRegistration:
        call = current_call()
        today = civil_date(call.origin.business_time)
        work = partial(return_electronic_registrations, caller=call.caller, today=today)
        answer = await self._commands.one(call, request, wire.to_return(request), work)
        return cast("ElectronicRegistration", answer)

    async def GetElectronicRegistration(
        self, request: pb.GetElectronicRegistrationRequest, context: Context
    ) -> ElectronicRegistration:
        registration_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        return wire.to_message(
            await queries.get_electronic_registration(self._reader, registration_id, scope=scope)
        )

    async def ListElectronicRegistrations(
        self, request: pb.ListElectronicRegistrationsRequest, context: Context
    ) -> pb.ListElectronicRegistrationsResponse:
        filters = {
            "state": filter_of(ElectronicRegistration.State.Name, request.state, prefix="STATE_"),
            "organisation": parse_slug_or_none(
                "organisations", request.organisation, field="organisation"
            ),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_electronic_registrations(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListElectronicRegistrationsResponse(
            electronic_registrations=map(wire.to_message, rows), next_page_token=next_token
        )
