"""The servicer of back-stage registrations: read and answer."""

from typing import Any, TypeAlias

import grpc.aio
from guantong.enrollment.v1 import back_stage_registration_service_pb2 as pb
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.back_stage_registration_service_pb2_grpc import (
    BackStageRegistrationServiceServicer,
)

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid
from chassis.paging import read_page
from services.enrollment.edge.wire import back_stage_registrations as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import back_stage_registrations as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class BackStageRegistrations(BackStageRegistrationServiceServicer):
    """Finds back-stage registrations: who is registered, who waits and for what."""

    def __init__(self, *, reader: db.Reader) -> None:
        self._reader = reader

    async def GetBackStageRegistration(
        self, request: pb.GetBackStageRegistrationRequest, context: Context
    ) -> BackStageRegistration:
        registration_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        row = await queries.get_back_stage_registration(self._reader, registration_id, scope=scope)
        return wire.to_message(row)

    async def ListBackStageRegistrations(
        self, request: pb.ListBackStageRegistrationsRequest, context: Context
    ) -> pb.ListBackStageRegistrationsResponse:
        filters = {
            "state": filter_of(BackStageRegistration.State.Name, request.state, prefix="STATE_")
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_back_stage_registrations(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListBackStageRegistrationsResponse(
            back_stage_registrations=map(wire.to_message, rows), next_page_token=next_token
        )
