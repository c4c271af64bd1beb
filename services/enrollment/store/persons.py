"""Persons in the database: personal values sealed, and the parties that may see each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import bulk, db
from services.enrollment.domain.person import Person, State
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
_BIRTH_YEARS = db.compile(
    select(person.c.id, person.c.birth_year).where(
        person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_LOCK = db.compile(
    select(person.c.id)
    .where(person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(person.c.id)
    .with_for_update()
)
# For those who only read: it keeps an erasure or a merge out until they have done.
_SHARE = db.compile(
    select(person, _PARTIES)
    .where(person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(person.c.id)
    .with_for_update(of=person, read=True)
)
_NOT_ERASED = db.compile(
    select(person.c.id)
    .where(
        person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        person.c.state != State.ERASED.value,
    )
    .order_by(person.c.id)
)
_TAKE_FROM = db.compile(
    delete(person_party).where(
        person_party.c.person_id == bindparam("person_id", type_=Uuid),
        person_party.c.party == any_(bindparam("parties", type_=ARRAY(Text))),
    )
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
# Of persons who are new nobody has added any.
_PARTY_COLUMNS = ["person_id", "party"]
_ADD_NEW_PARTIES = bulk.insert_many(person_party, _PARTY_COLUMNS)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Load persons, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: Person(**{**row, "state": State(row["state"])}) for row in rows}


async def lock_many(tx: db.Transaction, ids: Sequence[UUID]) -> None:
    """Lock persons in the order of their ids; those who are not there yet are new."""
    await tx.fetch(_LOCK, ids=list(set(ids)))


async def share(tx: db.Transaction, person_id: UUID) -> Person | None:
    """Load a person locked against changes, not against other readers; None if unknown."""
    row = await tx.fetch_one(_SHARE, ids=[person_id])
    return None if row is None else Person(**{**row, "state": State(row["state"])})


async def list_not_erased(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of those who are persons here and are not erased."""
    return [row["id"] for row in await tx.fetch(_NOT_ERASED, ids=list(ids))]


async def take_from(tx: db.Transaction, person_id: UUID, parties: Sequence[str]) -> None:
    """Let parties see a person no more."""
    await tx.execute(_TAKE_FROM, person_id=person_id, parties=list(parties))


async def find_birth_years(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the year of birth of each person."""
    rows = await tx.fetch(_BIRTH_YEARS, ids=list(set(ids)))
    return {row["id"]: row["birth_year"] for row in rows}


async def add_many(tx: db.Transaction, persons: Sequence[Person]) -> None:
    """Insert persons; raises VersionConflict if one was registered meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, persons)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
    pairs = [(each.id, party) for each in persons for party in each.parties]
    await bulk.write_tuples(tx, _ADD_NEW_PARTIES, _PARTY_COLUMNS, pairs)


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
