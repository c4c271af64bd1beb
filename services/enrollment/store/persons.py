"""Persons in the database: personal values sealed, and the parties that may see each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import bulk, db
from services.enrollment.domain.person import Person
from services.enrollment.store.tables import person, person_party

_COLUMNS = [column.name for column in person.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_PARTY = person_party.alias("party")
_PARTIES = func.array(
    select(_PARTY.c.party)
    .where(_PARTY.c.person_id == person.c.id)
    .order_by(_PARTY.c.party)
    .correlate(person)
    .scalar_subquery(),
    type_=ARRAY(Text),
).label("parties")
_GET = db.compile(
    select(person, _PARTIES)
    .where(person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(person.c.id)
    .with_for_update(of=person)
)
_ADD = bulk.insert_many(person, _COLUMNS)
_SAVE = bulk.update_many(person, _WRITTEN)


def _add_parties() -> db.Statement:
    names = ["person_id", "party"]
    arrays = [bindparam("person_ids", type_=ARRAY(Uuid)), bindparam("parties", type_=ARRAY(Text))]
    rows = func.unnest(*arrays).table_valued(*names, joins_implicitly=True).render_derived()
    statement = insert(person_party).from_select(names, select(rows.c.person_id, rows.c.party))
    return db.compile(statement.on_conflict_do_nothing())


_ADD_PARTIES = _add_parties()


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Load persons, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: Person(**row) for row in rows}


async def add_many(tx: db.Transaction, persons: Sequence[Person]) -> None:
    """Insert persons; raises VersionConflict if one was registered meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, persons)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
    await _write_parties(tx, persons)


async def save_many(tx: db.Transaction, persons: Sequence[Person]) -> None:
    """Write changed persons; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, persons)
    await _write_parties(tx, persons)


async def _write_parties(tx: db.Transaction, persons: Sequence[Person]) -> None:
    pairs: list[tuple[Any, str]] = [(each.id, party) for each in persons for party in each.parties]
    if pairs:
        await tx.execute(
            _ADD_PARTIES,
            person_ids=[person_id for person_id, _ in pairs],
            parties=[party for _, party in pairs],
        )
