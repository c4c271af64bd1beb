"""Rosters of cooperations in the database: a pupil is once on one, an apprentice on one only."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.cooperation_parts import Kind
from services.enrollment.domain.cooperation_pupil import CooperationPupil, State
from services.enrollment.store.belonging import erasing
from services.enrollment.store.cooperation_tables import cooperation_pupil
from services.enrollment.store.tables import status_record

_COLUMNS = [column.name for column in cooperation_pupil.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_IDS = bindparam("ids", type_=ARRAY(Uuid))
# Written out, so that the partial index serves it.
_IS_ACTIVE = cooperation_pupil.c.state == literal_column(f"'{State.ACTIVE}'")
_LOCKED = select(cooperation_pupil).order_by(cooperation_pupil.c.id).with_for_update()
_GET = db.compile(_LOCKED.where(cooperation_pupil.c.id == any_(_IDS)))
_ON_ROSTERS = db.compile(
    _LOCKED.where(cooperation_pupil.c.cooperation_id == any_(_IDS), _IS_ACTIVE)
)
_OF_PERSONS = db.compile(
    select(cooperation_pupil).where(cooperation_pupil.c.person_id == any_(_IDS))
)
_COUNTS = db.compile(
    select(cooperation_pupil.c.cooperation_id, func.count().label("count"))
    .where(cooperation_pupil.c.cooperation_id == any_(_IDS), _IS_ACTIVE)
    .group_by(cooperation_pupil.c.cooperation_id)
)
_COOPERATIONS = db.compile(
    select(cooperation_pupil.c.cooperation_id)
    .where(cooperation_pupil.c.id == any_(_IDS))
    .distinct()
)
_PERSONS = db.compile(
    select(status_record.c.person_id).where(status_record.c.id == any_(_IDS)).distinct()
)
_ERASE = erasing(cooperation_pupil)
_ADD = bulk.insert_many(cooperation_pupil, _COLUMNS)
_SAVE = bulk.update_many(cooperation_pupil, _WRITTEN)


async def find_cooperation_ids(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return whose rosters these are on: the cooperations to lock before they are loaded."""
    return [row["cooperation_id"] for row in await tx.fetch(_COOPERATIONS, ids=list(set(ids)))]


async def find_person_ids(tx: db.Transaction, record_ids: Sequence[UUID]) -> list[UUID]:
    """Return of whom these status records are: the persons to lock before they are loaded."""
    return [row["person_id"] for row in await tx.fetch(_PERSONS, ids=list(set(record_ids)))]


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, CooperationPupil]:
    """Load places, locked in the order of their ids; unknown ids are absent."""
    return {row["id"]: from_row(row) for row in await tx.fetch(_GET, ids=list(set(ids)))}


async def list_on_rosters(
    tx: db.Transaction, cooperation_ids: Sequence[UUID]
) -> list[CooperationPupil]:
    """Load who is on the rosters of cooperations, locked; a roster has some hundred."""
    rows = await tx.fetch(_ON_ROSTERS, ids=list(set(cooperation_ids)))
    return [from_row(row) for row in rows]


async def list_of_persons(tx: db.Transaction, person_ids: Sequence[UUID]) -> list[CooperationPupil]:
    """Load all places that persons have, or had; a person has few."""
    return [from_row(row) for row in await tx.fetch(_OF_PERSONS, ids=list(set(person_ids)))]


async def count_on_rosters(tx: db.Transaction, cooperation_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many are on each roster; none for one that has nobody."""
    rows = await tx.fetch(_COUNTS, ids=list(set(cooperation_ids)))
    return {row["cooperation_id"]: row["count"] for row in rows}


async def add_many(tx: db.Transaction, pupils: Sequence[CooperationPupil]) -> None:
    """Insert places; raises VersionConflict if a pupil was put on a roster meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, pupils)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, pupils: Sequence[CooperationPupil]) -> None:
    """Write changed places; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, pupils)


async def erase(tx: db.Transaction, person_ids: Sequence[UUID]) -> None:
    """Empty the sealed values of persons who are erased; their places stay counted."""
    await tx.execute(_ERASE, ids=list(person_ids), empty=b"")


def from_row(row: Mapping[str, Any]) -> CooperationPupil:
    """Return the place of a row."""
    return CooperationPupil(**{**row, "state": State(row["state"]), "kind": Kind(row["kind"])})
