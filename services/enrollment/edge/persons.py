"""The servicer of persons: read, open for the parties, answer."""

from typing import Any, TypeAlias

import grpc.aio
from guantong.enrollment.v1 import person_service_pb2 as pb
from guantong.enrollment.v1.person_pb2 import Person
from guantong.enrollment.v1.person_service_pb2_grpc import PersonServiceServicer

from chassis import db
from chassis.interceptors import current_call
from chassis.names import parse_uuid
from chassis.paging import read_page
from chassis.presenting import Presenter
from services.enrollment.edge.wire import persons as wire
from services.enrollment.queries import persons as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Persons(PersonServiceServicer):
    """Finds persons."""

    def __init__(self, *, reader: db.Reader, present: Presenter) -> None:
        self._reader = reader
        self._present = present

    async def GetPerson(self, request: pb.GetPersonRequest, context: Context) -> Person:
        call = current_call()
        person_id = parse_uuid(wire.COLLECTION, request.name)
        message = wire.to_message(
            await queries.get_person(self._reader, person_id, scope=call.scope)
        )
        await self._present([message], call.caller)
        return message

    async def ListPersons(
        self, request: pb.ListPersonsRequest, context: Context
    ) -> pb.ListPersonsResponse:
        call = current_call()
        page = read_page(request.page_size, request.page_token, {})
        rows, next_token = await queries.list_persons(self._reader, page, scope=call.scope)
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListPersonsResponse(persons=messages, next_page_token=next_token)
