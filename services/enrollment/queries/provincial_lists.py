"""Reads provincial lists with their projects counted, and the imports of the caller's bureau."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.domain.pathways import Type
from services.enrollment.store.provincial_list_tables import (
    provincial_list,
    provincial_list_import,
)
from services.enrollment.store.provincial_lists import COUNTS

_LISTS = Listing(
    select(provincial_list),
    key=provincial_list.c.id,
    filters={"approval_year": provincial_list.c.approval_year},
)
_IMPORTS = Listing(
    select(provincial_list_import),
    key=provincial_list_import.c.id,
    filters={"list_id": provincial_list_import.c.list_id},
    parties=[provincial_list_import.c.organisation],
)
Counted = Mapping[str, Any]


async def get_provincial_list(reader: db.Reader, list_id: UUID) -> Counted:
    """Return a list; raises ResourceNotFound if there is none."""
    row = await _LISTS.get(reader, "provincialLists", list_id, scope=None)
    (counted,) = await _counted(reader, [row])
    return counted


async def list_provincial_lists(
    reader: db.Reader, page: Page, **filters: Any
) -> tuple[list[Counted], str]:
    """Return a page of lists, which are public, with `imported`: counts by type."""
    rows, next_token = await _LISTS.fetch(reader, page, scope=None, **filters)
    return await _counted(reader, rows), next_token


async def _counted(reader: db.Reader, rows: Sequence[db.Row]) -> list[Counted]:
    counts: dict[UUID, dict[Type, int]] = defaultdict(dict)
    for row in await reader.fetch(COUNTS, ids=[row["id"] for row in rows]):
        counts[row["provincial_list_id"]][Type(row["type"])] = row["count"]
    return [{**row, "imported": counts[row["id"]]} for row in rows]


async def get_provincial_list_import(
    reader: db.Reader, import_id: UUID, *, scope: str | None
) -> db.Row:
    """Return an import that the caller may see; raises ResourceNotFound otherwise."""
    return await _IMPORTS.get(reader, "provincialListImports", import_id, scope=scope)


async def list_provincial_list_imports(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of imports; filters: list_id."""
    return await _IMPORTS.fetch(reader, page, scope=scope, **filters)
