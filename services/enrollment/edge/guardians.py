"""The servicer of guardians: parse, run the command, answer."""

from functools import partial
from typing import cast

from guantong.enrollment.v1 import guardian_service_pb2 as pb
from guantong.enrollment.v1.guardian_pb2 import Guardian
from guantong.enrollment.v1.guardian_service_pb2_grpc import GuardianServiceServicer

from chassis.interceptors import current_call
from services.enrollment.commands.end_guardians import end_guardians
from services.enrollment.commands.record_guardians import record_guardians
from services.enrollment.edge.person_desk import Context, PersonDesk
from services.enrollment.edge.wire import person_parts as wire
from services.enrollment.edge.wire import person_requests as requests
from services.enrollment.queries.person_parts import GUARDIANS


class Guardians(GuardianServiceServicer):
    """Records and finds guardians."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk

    async def RecordGuardian(self, request: pb.RecordGuardianRequest, context: Context) -> Guardian:
        call = current_call()
        work = partial(record_guardians, caller=call.caller, keys=self._desk.keys)
        item = requests.to_guardian(request)
        return cast("Guardian", await self._desk.commands.one(call, request, item, work))

    async def EndGuardian(self, request: pb.EndGuardianRequest, context: Context) -> Guardian:
        call = current_call()
        work = partial(end_guardians, caller=call.caller)
        item = requests.to_target("guardians", name=request.name, etag=request.etag)
        return cast("Guardian", await self._desk.commands.one(call, request, item, work))

    async def ListGuardians(
        self, request: pb.ListGuardiansRequest, context: Context
    ) -> pb.ListGuardiansResponse:
        found, token = await self._desk.list(GUARDIANS, request, wire.to_guardian)
        return pb.ListGuardiansResponse(guardians=found, next_page_token=token)
