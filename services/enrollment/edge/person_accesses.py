"""The servicer of accesses: log, commit, and only then open and answer."""

from functools import partial

from guantong.enrollment.v1 import person_access_service_pb2 as pb
from guantong.enrollment.v1.person_access_service_pb2_grpc import PersonAccessServiceServicer

from chassis.interceptors import Call, current_call
from chassis.names import parse_uuid
from chassis.presenting import Presenter
from chassis.texts import to_text
from services.enrollment.commands.log_person_accesses import LogPersonAccess, log_person_accesses
from services.enrollment.commands.opening import key_of, open_value
from services.enrollment.domain.person import Person
from services.enrollment.edge.own_views import check_own, own_person_of
from services.enrollment.edge.person_desk import Context, PersonDesk
from services.enrollment.edge.person_exports import export
from services.enrollment.edge.wire import person_parts as wire
from services.enrollment.queries.person_parts import ACCESSES
from services.enrollment.store import student_numbers
from services.enrollment.store.person_accesses import Action


class PersonAccesses(PersonAccessServiceServicer):
    """Shows what is personal, and who has seen it."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk
        # Whoever is answered here has passed the rules and is logged: an auditor too reads names.
        self._open = Presenter(desk.keys, lambda _: (current_call().caller.organisation,))

    async def RevealIdNumber(
        self, request: pb.RevealIdNumberRequest, context: Context
    ) -> pb.RevealIdNumberResponse:
        person = await self._log(request.name, Action.REVEAL_ID_NUMBER, request.reason)
        key = await key_of(self._desk.keys, person.id)
        number = open_value(key, "id_number", person.sealed_id_number)
        return pb.RevealIdNumberResponse(id_number=number)

    async def RevealStudentNumber(
        self, request: pb.RevealStudentNumberRequest, context: Context
    ) -> pb.RevealStudentNumberResponse:
        person = await self._log(request.name, Action.REVEAL_STUDENT_NUMBER, request.reason)
        key = await key_of(self._desk.keys, person.id)
        history = await student_numbers.list_of_persons(self._desk.database, [person.id])
        current = [each.sealed_number for each in history if each.valid_to_date is None]
        number = open_value(key, "number", current[0]) if current else ""
        return pb.RevealStudentNumberResponse(number=number)

    async def ExportPerson(
        self, request: pb.ExportPersonRequest, context: Context
    ) -> pb.ExportPersonResponse:
        person = await self._log(request.name, Action.EXPORT, request.reason)
        call = current_call()
        found = await export(
            self._desk.database, person, self._desk.keys, now=call.origin.business_time
        )
        await self._open(found.sealed_messages(), call.caller)
        return found.packed()

    async def ListPersonAccesses(
        self, request: pb.ListPersonAccessesRequest, context: Context
    ) -> pb.ListPersonAccessesResponse:
        own_id = await own_person_of(self._desk.database, current_call().caller)
        if own_id is not None and request.person:
            person_id = parse_uuid("persons", request.person, field="person")
            await check_own(self._desk.database, person_id, own_id)
        found, token = await self._desk.list(ACCESSES, request, wire.to_access, own_id=own_id)
        return pb.ListPersonAccessesResponse(person_accesses=found, next_page_token=token)

    async def _log(self, name: str, action: Action, reason: str) -> Person:
        """Log the access; the row is committed when this returns."""
        call: Call = current_call()
        person_id = parse_uuid("persons", name)
        own_id = await own_person_of(self._desk.database, call.caller)
        if own_id is not None:
            await check_own(self._desk.database, person_id, own_id)
        item = LogPersonAccess(
            person_id=person_id, action=action, reason=to_text(reason, field="reason")
        )
        work = partial(
            log_person_accesses,
            item=item,
            caller=call.caller,
            scope=None if own_id else call.scope,
            now=call.origin.business_time,
        )
        return await self._desk.database.transact(work)
