"""Placements in the database: versions are added, and none is changed.

Whoever writes a version holds the lock of its person; two versions of one number fail by the key.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from chassis import bulk, db
from services.enrollment.domain.placement import Destination, Match, Placement, Source, State
from services.enrollment.store.placement_tables import SEALED, placement

_COLUMNS = [column.name for column in placement.columns]
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_GET = db.compile(
    select(placement)
    .where(placement.c.id == any_(_IDS))
    .ext(distinct_on(placement.c.id))
    .order_by(placement.c.id, placement.c.version.desc())
)
_PERSON_IDS = db.compile(
    select(placement.c.person_id).where(placement.c.id == any_(_IDS)).distinct()
)
_CORRECTED = db.compile(
    select(placement.c.corrected_id).where(
        placement.c.corrected_id == any_(_IDS),
        # Written out, so that the partial index serves it.
        placement.c.version == literal_column("1"),
    )
)
_OF_PERSONS = db.compile(
    select(placement)
    .where(placement.c.person_id == any_(_IDS))
    .order_by(placement.c.id, placement.c.version)
)
_ADD = bulk.insert_many(placement, _COLUMNS)


async def find_person_ids(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return whose placements these are: the persons to lock before they are loaded."""
    return [row["person_id"] for row in await tx.fetch(_PERSON_IDS, ids=list(set(ids)))]


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Placement]:
    """Load placements as they are now; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: from_row(row) for row in rows}


async def list_versions_of_persons(
    reader: db.Reader, person_ids: Sequence[UUID]
) -> list[Placement]:
    """Return every version of all placements of persons, in order of creation."""
    rows = await reader.fetch(_OF_PERSONS, ids=list(set(person_ids)))
    return [from_row(row) for row in rows]


async def find_corrected(tx: db.Transaction, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these another placement corrects."""
    rows = await tx.fetch(_CORRECTED, ids=list(set(ids)))
    return {row["corrected_id"] for row in rows}


async def add_versions(tx: db.Transaction, placements: Sequence[Placement]) -> None:
    """Add a version of each; raises VersionConflict if another was added meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, placements, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


def from_row(row: db.Row) -> Placement:
    """Return the placement as it was at the version of a row."""
    facts: dict[str, Any] = {
        name: value for name, value in row.items() if not name.startswith("sealed_")
    }
    facts["state"] = State(row["state"])
    facts["source"] = Source(row["source"])
    facts["destination"] = Destination(row["destination"])
    facts["match"] = Match(row["match"]) if row["match"] else None
    sealed = {name: row[f"sealed_{name}"] for name in SEALED if row[f"sealed_{name}"]}
    return Placement(**facts, sealed=sealed)


def _to_row(each: Placement) -> Mapping[str, Any]:
    sealed = {f"sealed_{name}": each.sealed.get(name, b"") for name in SEALED}
    return {**vars(each), **sealed}
