"""Adds pupils of the caller's school to rosters of apprenticeships, order and named classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from chassis.names import name_of
from services.enrollment.commands.changing import done
from services.enrollment.commands.cooperating import visible_cooperation
from services.enrollment.commands.opening import birth_date_of, in_turn, key_of, visible_person
from services.enrollment.domain.consent import Purpose, age_at
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_parts import Kind
from services.enrollment.domain.cooperation_pupil import CooperationPupil
from services.enrollment.domain.person import Person
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import (
    consents,
    cooperation_pupils,
    cooperations,
    person_merges,
    persons,
    status_records,
)


@dataclass(frozen=True, kw_only=True)
class AddCooperationPupil:
    """A pupil to put on a roster."""

    cooperation_id: UUID
    status_record_id: UUID
    enterprise: str = ""
    join_date: date
    agreement_sha256: str = ""


@dataclass(frozen=True, slots=True)
class _Rosters:
    """What the items of a call are checked against; it grows with each that is added."""

    cooperations: dict[UUID, Cooperation]
    persons: dict[UUID, Person]
    records: dict[UUID, StatusRecord]
    counts: dict[UUID, int]
    # Of each person, those of duplicates too.
    places: dict[UUID, list[CooperationPupil]]


async def add_cooperation_pupils(
    tx: db.Transaction,
    items: Sequence[AddCooperationPupil],
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    now: datetime,
) -> list[CooperationPupil | DomainError]:
    """Add those whom no rule refuses; the locks of the cooperations keep the numbers agreed on."""
    rosters = await _load(tx, items)
    today = civil_date(now)
    rule = partial(
        _add, tx, rosters=rosters, caller=caller, keys=keys, policies=policies, today=today
    )
    results = await in_turn(items, rule)
    await cooperation_pupils.add_many(tx, done(results))
    return results


async def _load(tx: db.Transaction, items: Sequence[AddCooperationPupil]) -> _Rosters:
    cooperation_ids = [item.cooperation_id for item in items]
    record_ids = [item.status_record_id for item in items]
    loaded = await cooperations.get_many(tx, cooperation_ids)
    person_ids = await cooperation_pupils.find_person_ids(tx, record_ids)
    known = await persons.get_many(tx, person_ids)
    records = await status_records.get_many(tx, record_ids)
    if any(each.person_id not in known for each in records.values()):
        # A merge moved it after the person was found.
        raise db.VersionConflict
    # After the locks: a statement of its own sees what was committed before them.
    counts = await cooperation_pupils.count_on_rosters(tx, cooperation_ids)
    places = {
        person_id: await cooperation_pupils.list_of_persons(
            tx, await person_merges.family_of(tx, person_id)
        )
        for person_id in person_ids
    }
    return _Rosters(loaded, known, records, counts, places)


async def _add(
    tx: db.Transaction,
    item: AddCooperationPupil,
    *,
    rosters: _Rosters,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    today: date,
) -> CooperationPupil:
    cooperation = visible_cooperation(rosters.cooperations, item.cooperation_id, caller)
    party, count = caller.organisation, rosters.counts.get(cooperation.id, 0)
    cooperation.check_may_join(
        party=party, join_date=item.join_date, today=today, on_roster_count=count
    )
    record = rosters.records.get(item.status_record_id)
    if record is None or party not in {record.organisation, record.front, record.back}:
        raise ResourceNotFound(name=name_of("statusRecords", item.status_record_id))
    person = visible_person(rosters.persons, record.person_id, caller)
    person.check_active()
    pupil = CooperationPupil.join(
        new_id=new_id(),
        cooperation=cooperation,
        record=record,
        party=party,
        enterprise=item.enterprise,
        join_date=item.join_date,
        agreement_sha256=item.agreement_sha256,
        others=rosters.places[person.id],
    )
    if pupil.kind is Kind.APPRENTICESHIP:
        birth_date = birth_date_of(person, await key_of(keys, person.id))
        age = policies.number("persons.majority_age", on=item.join_date)
        held = await consents.find_held(tx, person.id, Purpose.INTERNSHIP)
        is_minor = age_at(birth_date, item.join_date) < age
        given = held if held and held.guardian_id and held.give_date <= item.join_date else None
        pupil.approve_work(is_minor=is_minor, consent_id=given.id if given else None)
    rosters.counts[cooperation.id] = count + 1
    rosters.places[person.id].append(pupil)
    return pupil
