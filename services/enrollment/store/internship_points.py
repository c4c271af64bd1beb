"""Internship points in the database: loaded locked, saved guarded by version."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.internship_point import InternshipPoint, State
from services.enrollment.store.internship_tables import internship_point

_COLUMNS = [column.name for column in internship_point.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_BY_IDS = (
    select(internship_point)
    .where(internship_point.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(internship_point.c.id)
)
_GET = db.compile(_BY_IDS.with_for_update())
# For those who rely on points: it keeps their ends out until they have done.
_SHARE = db.compile(_BY_IDS.with_for_update(read=True))
_OPEN = db.compile(
    select(internship_point.c.id).where(
        internship_point.c.organisation == bindparam("organisation", type_=Text),
        internship_point.c.enterprise == bindparam("enterprise", type_=Text),
        internship_point.c.post == bindparam("post", type_=Text),
        # Written out, so that the partial index serves it.
        internship_point.c.state == literal_column(f"'{State.OPEN}'"),
    )
)
_ADD = bulk.insert_many(internship_point, _COLUMNS)
_SAVE = bulk.update_many(internship_point, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, InternshipPoint]:
    """Load points, locked in the order of their ids; unknown ids are absent."""
    return _by_id(await tx.fetch(_GET, ids=list(set(ids))))


async def share_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, InternshipPoint]:
    """Load points locked against changes, not against other readers; unknown ids are absent."""
    return _by_id(await tx.fetch(_SHARE, ids=list(set(ids))))


async def find_open(
    tx: db.Transaction, *, organisation: str, enterprise: str, post: str
) -> UUID | None:
    """Return the open point of a school for a post, or None."""
    found: UUID | None = await tx.fetch_value(
        _OPEN, organisation=organisation, enterprise=enterprise, post=post
    )
    return found


async def add_many(tx: db.Transaction, points: Sequence[InternshipPoint]) -> None:
    """Insert points; raises VersionConflict if one for the post was declared meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, points, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, points: Sequence[InternshipPoint]) -> None:
    """Write changed points; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, points, _to_row)


def _by_id(rows: Sequence[db.Row]) -> dict[UUID, InternshipPoint]:
    return {row["id"]: _from_row(row) for row in rows}


def _from_row(row: db.Row) -> InternshipPoint:
    facts = {"state": State(row["state"]), "major_codes": json.loads(row["major_codes"])}
    return InternshipPoint(**{**row, **facts})


def _to_row(point: InternshipPoint) -> Mapping[str, Any]:
    return {**vars(point), "major_codes": json.dumps(point.major_codes)}
