"""The servicer of corrections: parse, run the command, answer."""

from functools import partial
from typing import cast

from guantong.enrollment.v1 import person_correction_service_pb2 as pb
from guantong.enrollment.v1.person_correction_pb2 import PersonCorrection
from guantong.enrollment.v1.person_correction_service_pb2_grpc import (
    PersonCorrectionServiceServicer,
)

from chassis.interceptors import current_call
from services.enrollment.commands.approve_person_corrections import approve_person_corrections
from services.enrollment.commands.propose_person_corrections import propose_person_corrections
from services.enrollment.commands.reject_person_corrections import reject_person_corrections
from services.enrollment.edge.person_desk import Context, PersonDesk, today
from services.enrollment.edge.wire import person_parts as wire
from services.enrollment.edge.wire import person_requests as requests
from services.enrollment.queries.person_parts import CORRECTIONS


class PersonCorrections(PersonCorrectionServiceServicer):
    """Corrects what is recorded of persons."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk

    async def ProposePersonCorrection(
        self, request: pb.ProposePersonCorrectionRequest, context: Context
    ) -> PersonCorrection:
        call = current_call()
        work = partial(
            propose_person_corrections, caller=call.caller, keys=self._desk.keys, today=today()
        )
        item = requests.to_correction(request)
        return cast("PersonCorrection", await self._desk.commands.one(call, request, item, work))

    async def ApprovePersonCorrection(
        self, request: pb.ApprovePersonCorrectionRequest, context: Context
    ) -> PersonCorrection:
        call = current_call()
        work = partial(
            approve_person_corrections,
            caller=call.caller,
            keys=self._desk.keys,
            identities=self._desk.identities,
        )
        item = requests.to_target("personCorrections", name=request.name, etag=request.etag)
        return cast("PersonCorrection", await self._desk.commands.one(call, request, item, work))

    async def RejectPersonCorrection(
        self, request: pb.RejectPersonCorrectionRequest, context: Context
    ) -> PersonCorrection:
        call = current_call()
        work = partial(reject_person_corrections, caller=call.caller)
        item = requests.to_reject(request)
        return cast("PersonCorrection", await self._desk.commands.one(call, request, item, work))

    async def ListPersonCorrections(
        self, request: pb.ListPersonCorrectionsRequest, context: Context
    ) -> pb.ListPersonCorrectionsResponse:
        found, token = await self._desk.list(CORRECTIONS, request, wire.to_correction)
        return pb.ListPersonCorrectionsResponse(person_corrections=found, next_page_token=token)
