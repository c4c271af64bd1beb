"""Erasures in the database: at most one of a person waits for its second person."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam, select

from chassis import db
from services.enrollment.domain.person_erasure import PersonErasure, State
from services.enrollment.store.belonging import belonging
from services.enrollment.store.person_tables import person_erasure

_STORE = belonging(
    person_erasure, lambda row: PersonErasure(**{**row, "state": State(row["state"])})
)
_STATEMENTS = {"get": _STORE.get, "of_persons": _STORE.of_persons, "update": _STORE.update}
_OPEN = db.compile(
    select(person_erasure.c.id).where(
        person_erasure.c.person_id == bindparam("person_id", type_=Uuid),
        person_erasure.c.state == "PROPOSED",
    )
)
get_many = _STORE.get_many
list_of_persons = _STORE.list_of_persons
save_many = _STORE.save_many


async def find_open_id(tx: db.Transaction, person_id: UUID) -> UUID | None:
    """Return the id of the person's erasure that waits, or None."""
    found: UUID | None = await tx.fetch_value(_OPEN, person_id=person_id)
    return found


async def add_many(tx: db.Transaction, erasures: Sequence[PersonErasure]) -> None:
    """Insert erasures; raises VersionConflict if one of a person was proposed meanwhile."""
    try:
        await _STORE.add_many(tx, erasures)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
