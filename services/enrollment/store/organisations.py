"""Organisations in the database: loaded locked, saved guarded by version; which codes are taken."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import Text, any_, bindparam, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis import bulk, db
from services.enrollment.domain.organisation import Kind, Organisation, State
from services.enrollment.domain.organisation_names import search_text
from services.enrollment.domain.organisation_parts import (
    DatedName,
    DatedRegion,
    EndKind,
    NameKind,
    Succession,
)
from services.enrollment.store.tables import organisation

_COLUMNS = [column.name for column in organisation.columns if column.name != "number"]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_LOADED = [organisation.c[name] for name in _COLUMNS if name != "search_text"]


def _is_one_of(name: str) -> Any:
    return organisation.c[name] == any_(bindparam(f"{name}_", type_=ARRAY(Text)))


_KINDS = db.compile(select(organisation.c.id, organisation.c.kind).where(_is_one_of("id")))
_TAKEN = db.compile(
    select(organisation.c.id, organisation.c.school_code, organisation.c.uscc).where(
        or_(
            _is_one_of("id"),
            # "Not empty" is written out, so that the partial indexes serve it.
            *(
                _is_one_of(name) & (organisation.c[name] != literal_column("''"))
                for name in ("school_code", "uscc")
            ),
        )
    )
)
_BY_IDS = select(*_LOADED).where(_is_one_of("id")).order_by(organisation.c.id)
_FIND = db.compile(_BY_IDS)
_GET_LOCKED = db.compile(_BY_IDS.with_for_update())
_PREDECESSORS = db.compile(
    select(*_LOADED).where(organisation.c.successors.contains(bindparam("link", type_=JSONB)))
)
_ADD = bulk.insert_many(organisation, _COLUMNS)
_SAVE = bulk.update_many(organisation, _WRITTEN)


async def find_kinds(tx: db.Transaction, ids: Sequence[str]) -> dict[str, Kind]:
    """Return what kind each organisation is; unknown ids are absent."""
    rows = await tx.fetch(_KINDS, id_=list(ids))
    return {row["id"]: Kind(row["kind"]) for row in rows}


async def find_many(tx: db.Reader, ids: Sequence[str]) -> dict[str, Organisation]:
    """Load organisations that a command relies on; unknown ids are absent."""
    rows = await tx.fetch(_FIND, id_=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def get_many_locked(tx: db.Transaction, ids: Sequence[str]) -> dict[str, Organisation]:
    """Load organisations that a command changes, locked in the order of their ids."""
    rows = await tx.fetch(_GET_LOCKED, id_=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_predecessors(tx: db.Transaction, organisation_id: str) -> list[Organisation]:
    """Return the organisations that name this one among their successors."""
    link = json.dumps([{"organisation": organisation_id}])
    return [_from_row(row) for row in await tx.fetch(_PREDECESSORS, link=link)]


async def find_taken(
    tx: db.Transaction, organisations: Sequence[Organisation]
) -> set[tuple[str, str]]:
    """Return the pairs (field, value) of these that registered organisations have."""
    rows = await tx.fetch(
        _TAKEN,
        id_=[each.id for each in organisations],
        school_code_=[each.school_code for each in organisations if each.school_code],
        uscc_=[each.uscc for each in organisations if each.uscc],
    )
    return {(field, row[field]) for row in rows for field in ("id", "school_code", "uscc")}


async def add_many(tx: db.Transaction, organisations: Sequence[Organisation]) -> None:
    """Insert organisations; raises VersionConflict if another call took a code meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, organisations, to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, organisations: Sequence[Organisation]) -> None:
    """Write changed organisations; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, organisations, to_row)


def to_row(each: Organisation) -> Mapping[str, Any]:
    """Return an organisation as a row: its lists are JSON."""
    names = [each.display_name, each.english_name, *each.raw_names]
    return {
        **vars(each),
        "raw_names": json.dumps(each.raw_names),
        "names": _dump(each.names),
        "search_text": search_text([*names, *(name.text for name in each.names)]),
        "regions": _dump(each.regions),
        "reports_to": json.dumps(each.reports_to),
        "successors": _dump(each.successors),
    }


def _dump(values: Sequence[Any]) -> str:
    return json.dumps([asdict(value) for value in values], default=date.isoformat)


def _from_row(row: db.Row) -> Organisation:
    values: dict[str, Any] = dict(row)
    values["kind"] = Kind(row["kind"])
    values["state"] = State(row["state"])
    values["end_kind"] = EndKind(row["end_kind"]) if row["end_kind"] else None
    values["raw_names"] = json.loads(row["raw_names"])
    values["reports_to"] = json.loads(row["reports_to"])
    values["names"] = [
        DatedName(**{**_dated(each), "kind": NameKind(each["kind"])})
        for each in json.loads(row["names"])
    ]
    values["regions"] = [DatedRegion(**_dated(each)) for each in json.loads(row["regions"])]
    values["successors"] = [
        Succession(**{**_dated(each), "major_codes": tuple(each["major_codes"])})
        for each in json.loads(row["successors"])
    ]
    return Organisation(**values)


def _dated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON fields with their dates as dates."""
    return {
        name: date.fromisoformat(value) if name.endswith("_date") and value else value
        for name, value in fields.items()
    }
