"""Pairings in the database; they are written once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.assistance.domain.pairing import Level, Pairing, Programme, State
from services.assistance.store.tables import pairing

# What makes two pairings the same: programme, level, helper, receiver.
Key = tuple[str, str, str, str]

_COLUMNS = [column.name for column in pairing.columns]
_GET = db.compile(select(pairing).where(pairing.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))))
_KEYS = db.compile(
    select(pairing.c.programme, pairing.c.level, pairing.c.helper, pairing.c.receiver).where(
        pairing.c.helper == any_(bindparam("helpers", type_=ARRAY(Text))),
        pairing.c.receiver == any_(bindparam("receivers", type_=ARRAY(Text))),
    )
)
_ADD = bulk.insert_many(pairing, _COLUMNS)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Pairing]:
    """Load pairings; unknown ids are absent. Not locked: what was recorded does not change."""
    rows = await tx.fetch(_GET, ids=list(ids))
    return {row["id"]: _from_row(row) for row in rows}


async def find_keys(
    tx: db.Transaction, *, helpers: Sequence[str], receivers: Sequence[str]
) -> set[Key]:
    """Return the keys of the pairings between any of these helpers and receivers."""
    rows = await tx.fetch(_KEYS, helpers=list(helpers), receivers=list(receivers))
    return {(row["programme"], row["level"], row["helper"], row["receiver"]) for row in rows}


async def add_many(tx: db.Transaction, pairings: Sequence[Pairing]) -> None:
    """Insert pairings; one recorded by another call meanwhile runs this one again, to find it."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, pairings)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


def _from_row(row: db.Row) -> Pairing:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["level"] = Level(row["level"])
    values["programme"] = Programme(row["programme"])
    return Pairing(**values)
