"""The servicer of duplicates: parse, run the command, answer."""

from functools import partial
from typing import Final, cast

from guantong.enrollment.v1 import person_merge_service_pb2 as pb
from guantong.enrollment.v1.person_merge_service_pb2_grpc import PersonMergeServiceServicer
from guantong.enrollment.v1.person_pb2 import Person

from chassis.interceptors import current_call
from chassis.names import parse_uuid
from services.enrollment.commands import identities
from services.enrollment.commands.merge_persons import merge_persons
from services.enrollment.commands.split_persons import split_persons
from services.enrollment.edge.person_desk import Context, PersonDesk
from services.enrollment.edge.wire import person_requests as requests
from services.enrollment.edge.wire import persons as wire
from services.enrollment.queries import persons as queries
from services.enrollment.store import person_merges

_CANDIDATES_MAX: Final = 100
_GROUNDS: Final = {
    identities.NAME_AND_BIRTH: pb.DuplicateCandidate.GROUND_NAME_AND_BIRTH,
    identities.NUMBER: pb.DuplicateCandidate.GROUND_NUMBER,
}


class PersonMerges(PersonMergeServiceServicer):
    """Finds duplicates, merges and splits persons."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk

    async def MergePersons(self, request: pb.MergePersonsRequest, context: Context) -> Person:
        call = current_call()
        work = partial(
            merge_persons,
            caller=call.caller,
            keys=self._desk.keys,
            now=call.origin.business_time,
        )
        item = requests.to_merge(request)
        return cast("Person", await self._desk.commands.one(call, request, item, work))

    async def SplitPersons(self, request: pb.SplitPersonsRequest, context: Context) -> Person:
        call = current_call()
        work = partial(
            split_persons,
            caller=call.caller,
            keys=self._desk.keys,
            now=call.origin.business_time,
        )
        item = requests.to_split(request)
        return cast("Person", await self._desk.commands.one(call, request, item, work))

    async def ListDuplicateCandidates(
        self, request: pb.ListDuplicateCandidatesRequest, context: Context
    ) -> pb.ListDuplicateCandidatesResponse:
        call = current_call()
        reader = self._desk.database
        asked = parse_uuid(wire.COLLECTION, request.name)
        person = await queries.get_person(reader, asked, scope=call.scope)
        family = await person_merges.family_of(reader, person["id"])
        alike = await self._desk.identities.find_alike(family, limit=_CANDIDATES_MAX)
        rows = await queries.list_active(
            reader, [each for each in alike if each not in family], scope=call.scope
        )
        messages = [wire.to_message(row) for row in rows]
        await self._desk.present(messages, call.caller)
        return pb.ListDuplicateCandidatesResponse(
            candidates=[
                pb.DuplicateCandidate(
                    person=message, grounds=[_GROUNDS[kind] for kind in alike[row["id"]]]
                )
                for message, row in zip(messages, rows, strict=True)
            ]
        )
