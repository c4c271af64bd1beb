"""学籍号 in the database: the history of each person, sealed."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.student_numbers import Kind, NumberRecord
from services.enrollment.store.belonging import erasing
from services.enrollment.store.person_tables import student_number

_COLUMNS = [column.name for column in student_number.columns]
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_OF_PERSONS = db.compile(
    select(student_number)
    .where(student_number.c.person_id == any_(_IDS))
    .order_by(student_number.c.person_id, student_number.c.id)
)
_ADD = bulk.insert_many(student_number, _COLUMNS)
_END = db.compile(
    update(student_number)
    .values(valid_to_date=bindparam("on", type_=Date))
    .where(
        student_number.c.person_id == bindparam("of_person_id", type_=Uuid),
        student_number.c.valid_to_date.is_(None),
    )
)
_ERASE = erasing(student_number)


async def list_of_persons(reader: db.Reader, person_ids: Sequence[UUID]) -> list[NumberRecord]:
    """Return the numbers of persons, oldest first; the persons' locks keep them as they are."""
    rows = await reader.fetch(_OF_PERSONS, ids=list(person_ids))
    return [NumberRecord(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def add(tx: db.Transaction, record: NumberRecord) -> None:
    """Add a number, which is current from now on; it is a part of its person's change."""
    await tx.execute(_ADD, **bulk.arrays(_COLUMNS, [vars(record)]))


async def end_current(tx: db.Transaction, person_id: UUID, *, on: date) -> None:
    """End the present number."""
    await tx.execute(_END, of_person_id=person_id, on=on)


async def erase(tx: db.Transaction, person_ids: Sequence[UUID]) -> None:
    """Forget the sealed values of persons."""
    await tx.execute(_ERASE, ids=list(person_ids), empty=b"")
