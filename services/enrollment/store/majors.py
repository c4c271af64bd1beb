"""Majors in the database: loaded locked, saved guarded by version."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import Date, Text, any_, bindparam, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.major import Level, Major
from services.enrollment.store.major_tables import major

_COLUMNS = [column.name for column in major.columns if column.name != "number"]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_LOADED = [major.c[name] for name in _COLUMNS]
_BY_CODES = (
    select(*_LOADED)
    .where(major.c.code == any_(bindparam("codes", type_=ARRAY(Text))))
    .order_by(major.c.id)
)
_OF_CODES = db.compile(_BY_CODES)
_OF_CODES_LOCKED = db.compile(_BY_CODES.with_for_update())
_BY_IDS = (
    select(*_LOADED)
    .where(major.c.id == any_(bindparam("ids", type_=ARRAY(Text))))
    .order_by(major.c.id)
)
_FIND = db.compile(_BY_IDS)
_GET_LOCKED = db.compile(_BY_IDS.with_for_update())
_ON = bindparam("on", type_=Date)
_IN_FORCE = (major.c.valid_from_date <= _ON) & or_(
    major.c.valid_to_date.is_(None), major.c.valid_to_date >= _ON
)
_HAS_CATALOGUE = db.compile(
    select(literal(value=True).label("has"))
    .where(major.c.level == bindparam("level", type_=Text), _IN_FORCE)
    .limit(1)
)
_IN_FORCE_OF_CODE = db.compile(
    select(*_LOADED).where(major.c.code == bindparam("code", type_=Text), _IN_FORCE)
)
_ADD = bulk.insert_many(major, _COLUMNS)
_SAVE = bulk.update_many(major, _WRITTEN)


async def list_of_codes_locked(tx: db.Transaction, codes: Sequence[str]) -> list[Major]:
    """Load all entries that codes ever had, to change them."""
    return [_from_row(row) for row in await tx.fetch(_OF_CODES_LOCKED, codes=list(set(codes)))]


async def list_of_codes(tx: db.Transaction, codes: Sequence[str]) -> list[Major]:
    """Load all entries that codes ever had, to rely on them."""
    return [_from_row(row) for row in await tx.fetch(_OF_CODES, codes=list(set(codes)))]


async def get_many_locked(tx: db.Transaction, ids: Sequence[str]) -> dict[str, Major]:
    """Load entries that a command changes, locked in the order of their ids."""
    rows = await tx.fetch(_GET_LOCKED, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_many(reader: db.Reader, ids: Sequence[str]) -> dict[str, Major]:
    """Load entries to read; unknown ids are absent."""
    rows = await reader.fetch(_FIND, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_in_force(reader: db.Reader, code: str, *, on: date) -> Major | None:
    """Return what a code means on a day."""
    row = await reader.fetch_one(_IN_FORCE_OF_CODE, code=code, on=on)
    return None if row is None else _from_row(row)


async def has_catalogue(reader: db.Reader, level: str, *, on: date) -> bool:
    """Whether any major of a level is kept for a day: without one nothing can be looked up."""
    return await reader.fetch_one(_HAS_CATALOGUE, level=level, on=on) is not None


async def add_many(tx: db.Transaction, majors: Sequence[Major]) -> None:
    """Insert entries; raises VersionConflict if a code was given meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, majors, to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, majors: Sequence[Major]) -> None:
    """Write changed entries; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, majors, to_row)


def to_row(each: Major) -> Mapping[str, Any]:
    """Return an entry as a row: its list is JSON."""
    return {**vars(each), "successors": json.dumps(each.successors)}


def _from_row(row: db.Row) -> Major:
    values: dict[str, Any] = dict(row)
    values["level"] = Level(row["level"])
    values["successors"] = json.loads(row["successors"])
    return Major(**values)
