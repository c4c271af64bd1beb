"""Puts together all that is held of a person; who may have it is said, and logged, elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from google.protobuf.message import Message
from guantong.enrollment.v1 import person_access_service_pb2 as pb
from guantong.enrollment.v1 import status_record_pb2
from guantong.enrollment.v1.person_pb2 import Person as PersonMessage

from chassis import db
from chassis.civil import from_instant
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.paging import PAGE_SIZE_MAX, read_page
from services.enrollment.commands.opening import birth_date_of, key_of, open_value
from services.enrollment.domain.person import Person
from services.enrollment.edge import wire
from services.enrollment.edge.wire import (
    cooperation_pupils,
    credit_conversions,
    electronic_registrations,
    internships,
    learning_outcomes,
    person_parts,
    placements,
    status_changes,
)
from services.enrollment.queries import person_parts as queries
from services.enrollment.queries.status_records import list_status_records
from services.enrollment.store import internships as internship_store
from services.enrollment.store import person_merges, student_numbers
from services.enrollment.store import placements as placement_store
from services.enrollment.store.status_changes import from_row

_ACCESSES_MAX: Final = 500
# Who asks for a copy of what is held of themselves, or of whom they guard.
_HOME: Final = frozenset({"student", "guardian"})


@dataclass(frozen=True)
class Export:
    """The answer, of which some messages are sealed yet, and what other parts hold."""

    answer: pb.ExportPersonResponse
    others: Sequence[Message]

    def sealed_messages(self) -> Sequence[Message]:
        """Return the messages within the answer that are opened before it is given."""
        answer = self.answer
        numbers = [each.record for each in answer.student_numbers]
        return [
            answer.person,
            *numbers,
            *answer.corrections,
            *answer.guardians,
            *answer.memberships,
            *answer.status_records,
            *self.others,
        ]

    def packed(self) -> pb.ExportPersonResponse:
        """Return the answer whole, after everything was opened."""
        for message in self.others:
            self.answer.other_records.add().Pack(message)
        return self.answer


async def export(reader: db.Reader, person: Person, keys: KeyStore, *, now: datetime) -> Export:
    """Collect what is held of a person and of its duplicates."""
    family = await person_merges.family_of(reader, person.id)
    key = await key_of(keys, person.id)
    answer = pb.ExportPersonResponse(
        person=_person(person),
        aliases=[name_of("persons", each) for each in family if each != person.id],
        id_number=open_value(key, "id_number", person.sealed_id_number),
        birth_date=birth_date_of(person, key).isoformat(),
        student_numbers=await _numbers(reader, keys, family),
        export_time=from_instant(now),
    )
    rows = {
        "corrections": (queries.CORRECTIONS, person_parts.to_correction),
        "guardians": (queries.GUARDIANS, person_parts.to_guardian),
        "consents": (queries.CONSENTS, person_parts.to_consent),
        "memberships": (queries.MEMBERS, wire.cohort_members.to_message),
        "back_stage_registrations": (
            queries.REGISTRATIONS,
            wire.back_stage_registrations.to_message,
        ),
        "erasures": (queries.ERASURES, person_parts.to_erasure),
    }
    for field, (listing, to_message) in rows.items():
        found = await listing.fetch_all(reader, family)
        getattr(answer, field).extend(to_message(row) for row in found)
    await _add_accesses(answer, reader, person.id)
    answer.status_records.extend(await _status_records(reader, family))
    changes = await queries.STATUS_CHANGES.fetch_all(reader, family)
    registrations = await queries.ELECTRONIC_REGISTRATIONS.fetch_all(reader, family)
    outcomes = await queries.list_outcome_versions(reader, family)
    conversions = await queries.CONVERSIONS.fetch_all(reader, family)
    worked = await internship_store.list_of_persons(reader, family)
    went = await placement_store.list_versions_of_persons(reader, family)
    places = await queries.COOPERATION_PUPILS.fetch_all(reader, family)
    others = [
        *(status_changes.to_message(from_row(row)) for row in changes),
        *(electronic_registrations.to_message(row) for row in registrations),
        *(learning_outcomes.to_message(row) for row in outcomes),
        *(credit_conversions.to_message(row) for row in conversions),
        *(cooperation_pupils.to_message(row) for row in places),
        *(internships.message_of(each) for each in worked if _is_open(each.organisation)),
        *(placements.message_of(each) for each in went if _is_open(each.organisation)),
    ]
    return Export(answer, others)


def _is_open(organisation: str) -> bool:
    """Whether the work and destinations that a school keeps are for who asks.

    Another school of the person is told neither pay nor destination, not in an export either.
    """
    call = current_call()
    is_own = organisation == call.caller.organisation
    return is_own or call.scope is None or bool(_HOME & call.caller.roles)


async def _status_records(
    reader: db.Reader, family: Sequence[UUID]
) -> list[status_record_pb2.StatusRecord]:
    """Return the status records with their past periods."""
    found: list[status_record_pb2.StatusRecord] = []
    for person_id in family:
        token = ""
        while True:
            page = read_page(PAGE_SIZE_MAX, token, {})
            rows, token = await list_status_records(reader, page, scope=None, person_id=person_id)
            found += [wire.status_records.to_message(row) for row in rows]
            if not token:
                break
    return found


async def _add_accesses(
    answer: pb.ExportPersonResponse, reader: db.Reader, person_id: UUID
) -> None:
    """Add the first accesses, and where ListPersonAccesses of the person goes on: they are many."""
    page = read_page(_ACCESSES_MAX, "", {"person": person_id})
    rows, token = await queries.ACCESSES.fetch(reader, page, scope=None, person_id=person_id)
    answer.accesses.extend(person_parts.to_access(row) for row in rows)
    answer.accesses_next_page_token = token


def _person(person: Person) -> PersonMessage:
    return wire.persons.to_message(vars(person))


async def _numbers(
    reader: db.Reader, keys: KeyStore, family: Sequence[UUID]
) -> list[pb.ExportedNumber]:
    """Return the 学籍号 in clear; a duplicate's are sealed with the duplicate's key."""
    records = await student_numbers.list_of_persons(reader, family)
    found = await keys.get_many([each.person_id for each in records])
    return [
        pb.ExportedNumber(
            record=person_parts.to_number(vars(each)),
            number=open_value(found[each.person_id], "number", each.sealed_number),
        )
        for each in records
        if each.person_id in found
    ]
