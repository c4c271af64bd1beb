"""Statements for records that belong to a person: they are seen by the person's schools."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import LargeBinary, Table, Text, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.store.tables import person_party


class _Identified(Protocol):
    id: UUID


A = TypeVar("A", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Belonging(Generic[A]):
    """The statements of one table, compiled once, and how a row becomes its aggregate."""

    columns: list[str]
    get: db.Statement
    of_persons: db.Statement
    insert: bulk.Insert
    update: db.Statement
    from_row: Callable[[db.Row], A]

    async def get_many(self, tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, A]:
        """Load records, locked in the order of their ids; unknown ids are absent."""
        rows = await tx.fetch(self.get, ids=list(set(ids)))
        return {row["id"]: self.from_row(row) for row in rows}

    async def list_of_persons(self, reader: db.Reader, person_ids: Sequence[UUID]) -> list[A]:
        """Load all records of persons, in order of creation; a person has few."""
        rows = await reader.fetch(self.of_persons, ids=list(set(person_ids)))
        return [self.from_row(row) for row in rows]

    async def add_many(self, tx: db.Transaction, records: Sequence[A]) -> None:
        """Insert records."""
        await bulk.add(tx, self.insert, self.columns, records)

    async def save_many(self, tx: db.Transaction, records: Sequence[A]) -> None:
        """Write changed records; raises VersionConflict if one was changed meanwhile."""
        written = [name for name in self.columns if name not in {"id", "version"}]
        await bulk.save(tx, self.update, written, records)


def belonging(table: Table, from_row: Callable[[db.Row], A]) -> Belonging[A]:
    """Compile the statements of a table that has `id`, `version` and `person_id`."""
    columns = [column.name for column in table.columns]
    ids = bindparam("ids", type_=ARRAY(Uuid))
    records = select(table, _parties(table)).order_by(table.c.id)
    return Belonging(
        columns=columns,
        get=db.compile(records.where(table.c.id == any_(ids)).with_for_update(of=table)),
        of_persons=db.compile(records.where(table.c.person_id == any_(ids))),
        insert=bulk.insert_many(table, columns),
        update=bulk.update_many(table, [name for name in columns if name not in {"id", "version"}]),
        from_row=from_row,
    )


def erasing(table: Table) -> db.Statement:
    """Compile what empties the sealed columns of persons' rows; versions stay, as no value does."""
    empty = bindparam("empty", type_=LargeBinary)
    sealed = {each.name: empty for each in table.columns if each.name.startswith("sealed_")}
    ids = bindparam("ids", type_=ARRAY(Uuid))
    return db.compile(update(table).values(sealed).where(table.c.person_id == any_(ids)))


def _parties(table: Table) -> Any:
    party = person_party.alias("party")
    return func.array(
        select(party.c.party)
        .where(party.c.person_id == table.c.person_id)
        .order_by(party.c.party)
        .correlate(table)
        .scalar_subquery(),
        type_=ARRAY(Text),
    ).label("parties")
