"""Provincial lists and their imports in the database, and how many projects a list named."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.pathways import Type
from services.enrollment.domain.provincial_list import Part, ProvincialList, ProvincialListImport
from services.enrollment.store.provincial_list_tables import (
    provincial_list,
    provincial_list_import,
)
from services.enrollment.store.tables import pathway_project

_COLUMNS = [column.name for column in provincial_list.columns]
_IMPORT = [column.name for column in provincial_list_import.columns]
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_GET = db.compile(
    select(provincial_list)
    .where(provincial_list.c.id == any_(_IDS))
    .order_by(provincial_list.c.id)
    .with_for_update()
)
_DOCUMENTS = db.compile(
    select(
        provincial_list.c.approval_year,
        provincial_list.c.province_code,
        provincial_list.c.document_number,
        provincial_list.c.id,
    ).where(
        provincial_list.c.approval_year == any_(bindparam("years", type_=ARRAY(Integer))),
        provincial_list.c.document_number == any_(bindparam("numbers", type_=ARRAY(Text))),
    )
)
COUNTS = db.compile(
    select(
        pathway_project.c.provincial_list_id,
        pathway_project.c.type,
        func.count().label("count"),
    )
    .where(pathway_project.c.provincial_list_id == any_(_IDS))
    .group_by(pathway_project.c.provincial_list_id, pathway_project.c.type)
)
_ADD = bulk.insert_many(provincial_list, _COLUMNS)
_ADD_IMPORT = bulk.insert_many(provincial_list_import, _IMPORT)
Document = tuple[int, str, str]


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, ProvincialList]:
    """Load lists, locked: imports into one list come one after another."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_documents(
    tx: db.Transaction, *, years: Sequence[int], numbers: Sequence[str]
) -> dict[Document, UUID]:
    """Return the lists of these years and document numbers, by what makes a list the only one."""
    rows = await tx.fetch(_DOCUMENTS, years=list(years), numbers=list(numbers))
    return {
        (row["approval_year"], row["province_code"], row["document_number"]): row["id"]
        for row in rows
    }


async def add_many(tx: db.Transaction, lists: Sequence[ProvincialList]) -> None:
    """Insert lists; raises VersionConflict if a document was registered meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, lists, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def add_imports(tx: db.Transaction, imports: Sequence[ProvincialListImport]) -> None:
    """Insert what imports did."""
    await bulk.add(tx, _ADD_IMPORT, _IMPORT, imports, _import_row)


def parts_of(text: str) -> list[Part]:
    """Return the parts of a row."""
    return [
        Part(types=tuple(map(Type, each["types"])), stated_count=each["stated_count"])
        for each in json.loads(text)
    ]


def _to_row(each: ProvincialList) -> Mapping[str, Any]:
    return {**vars(each), "parts": json.dumps([asdict(part) for part in each.parts])}


def _import_row(each: ProvincialListImport) -> Mapping[str, Any]:
    return {**vars(each), "rows": json.dumps([asdict(row) for row in each.rows])}


def _from_row(row: db.Row) -> ProvincialList:
    values: dict[str, Any] = dict(row)
    values["parts"] = parts_of(row["parts"])
    return ProvincialList(**values)
