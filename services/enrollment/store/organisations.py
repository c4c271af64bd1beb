"""Organisations in the database, and which ids and codes are taken."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Text, any_, bindparam, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.store.tables import organisation

_COLUMNS = [column.name for column in organisation.columns if column.name != "number"]


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
_ADD = bulk.insert_many(organisation, _COLUMNS)


async def find_kinds(tx: db.Transaction, ids: Sequence[str]) -> dict[str, Kind]:
    """Return what kind each organisation is; unknown ids are absent."""
    rows = await tx.fetch(_KINDS, id_=list(ids))
    return {row["id"]: Kind(row["kind"]) for row in rows}


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
        await bulk.add(tx, _ADD, _COLUMNS, organisations, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


def _to_row(each: Organisation) -> Mapping[str, Any]:
    return {**vars(each), "raw_names": json.dumps(each.raw_names)}
