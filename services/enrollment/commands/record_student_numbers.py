"""Records 学籍号: the first of a person, or the formal one after a temporary or made one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from chassis import db
from chassis.errors import DomainError
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from services.enrollment.commands.changing import Target
from services.enrollment.commands.identities import Identities
from services.enrollment.commands.opening import in_turn, key_of, load_person, open_value, seal
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_refusals import StudentNumberTaken
from services.enrollment.domain.student_numbers import NumberRecord, StudentNumber
from services.enrollment.store import persons, student_numbers


@dataclass(frozen=True, kw_only=True)
class RecordStudentNumber(Target):
    """A number of a person, and from when it holds."""

    number: StudentNumber
    valid_from_date: date


async def record_student_numbers(
    tx: db.Transaction,
    items: Sequence[RecordStudentNumber],
    *,
    caller: Caller,
    keys: KeyStore,
    identities: Identities,
) -> list[Person | DomainError]:
    """Record those that no rule refuses; the internal id of the person stays (HN)."""
    return await in_turn(
        items, partial(_record, tx, caller=caller, keys=keys, identities=identities)
    )


async def _record(
    tx: db.Transaction,
    item: RecordStudentNumber,
    *,
    caller: Caller,
    keys: KeyStore,
    identities: Identities,
) -> Person:
    person = await load_person(tx, item.id, caller)
    check_etag(item.etag, person.version)
    person.check_active()
    history = await student_numbers.list_of_persons(tx, [person.id])
    current = next((each for each in history if each.valid_to_date is None), None)
    item.number.check_follows(current, valid_from_date=item.valid_from_date)
    key = await key_of(keys, person.id)
    item.number.check_is_of(open_value(key, "id_number", person.sealed_id_number))
    if await identities.hold_number(person.id, item.number.text) != person.id:
        raise StudentNumberTaken
    await identities.note([identities.of_number(person.id, item.number.text)])
    record = NumberRecord(
        id=new_id(),
        person_id=person.id,
        kind=item.number.kind,
        organisation=caller.organisation,
        sealed_number=seal(key, "number", item.number.text),
        sealed_masked_number=seal(key, "masked_number", item.number.masked),
        valid_from_date=item.valid_from_date,
    )
    if current:
        await student_numbers.end_current(
            tx, person.id, on=item.valid_from_date - timedelta(days=1)
        )
    await student_numbers.add(tx, record)
    person.record_student_number(
        seal(key, "masked_student_number", item.number.masked), is_first=current is None
    )
    await persons.save_many(tx, [person])
    return person
