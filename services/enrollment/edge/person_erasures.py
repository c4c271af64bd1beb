"""The servicer of erasures: parse, run the command, answer."""

from functools import partial
from typing import cast

from guantong.enrollment.v1 import person_erasure_service_pb2 as pb
from guantong.enrollment.v1.person_erasure_pb2 import PersonErasure
from guantong.enrollment.v1.person_erasure_service_pb2_grpc import PersonErasureServiceServicer

from chassis.interceptors import current_call
from services.enrollment.commands.erase_persons import erase_persons
from services.enrollment.commands.propose_person_erasures import propose_person_erasures
from services.enrollment.edge.person_desk import Context, PersonDesk
from services.enrollment.edge.wire import person_parts as wire
from services.enrollment.edge.wire import person_requests as requests
from services.enrollment.queries.person_parts import ERASURES


class PersonErasures(PersonErasureServiceServicer):
    """Erases persons."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk

    async def ProposePersonErasure(
        self, request: pb.ProposePersonErasureRequest, context: Context
    ) -> PersonErasure:
        call = current_call()
        work = partial(propose_person_erasures, caller=call.caller)
        item = requests.to_erasure(request)
        return cast("PersonErasure", await self._desk.commands.one(call, request, item, work))

    async def ErasePerson(self, request: pb.ErasePersonRequest, context: Context) -> PersonErasure:
        call = current_call()
        work = partial(
            erase_persons,
            caller=call.caller,
            keys=self._desk.keys,
            now=call.origin.business_time,
        )
        item = requests.to_target("personErasures", name=request.name, etag=request.etag)
        return cast("PersonErasure", await self._desk.commands.one(call, request, item, work))

    async def ListPersonErasures(
        self, request: pb.ListPersonErasuresRequest, context: Context
    ) -> pb.ListPersonErasuresResponse:
        found, token = await self._desk.list(ERASURES, request, wire.to_erasure)
        return pb.ListPersonErasuresResponse(person_erasures=found, next_page_token=token)
