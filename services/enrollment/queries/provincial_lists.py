"""Reads provincial lists with their projects counted, and the imports of the caller's bureau."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
from services.enrollment.domain.pathways import Type
from services.enrollment.store.provincial_list_tables import (
    provincial_list,
    provincial_list_import,
)
from services.enrollment.store.provincial_lists import COUNTS

_LISTS = Listing(
    select(provincial_list),
    key=provincial_list.c.id,
    filters={name: provincial_list.c[name] for name in ("id", "approval_year")},
)
_IMPORTS = Listing(
    select(provincial_list_import),
    key=provincial_list_import.c.id,
    filters={name: provincial_list_import.c[name] for name in ("id", "list_id")},
    parties=[provincial_list_import.c.organisation],
)
Counted = Mapping[str, Any]


async def get_provincial_list(reader: db.Reader, list_id: UUID) -> Counted:
    """Return a list; raises ResourceNotFound if there is none."""
    rows, _ = await list_provincial_lists(reader, read_page(1, "", {}), id=list_id)
    if not rows:
        raise ResourceNotFound(name=name_of("provincialLists", list_id))
    return rows[0]


async def list_provincial_lists(
    reader: db.Reader, page: Page, **filters: Any
) -> tuple[list[Counted], str]:
    """Return a page of lists, which are public, with `imported`: counts by type."""
    rows, next_token = await _LISTS.fetch(reader, page, scope=None, **filters)
    counts: dict[UUID, dict[Type, int]] = defaultdict(dict)
    for row in await reader.fetch(COUNTS, ids=[row["id"] for row in rows]):
        counts[row["provincial_list_id"]][Type(row["type"])] = row["count"]
    counted: list[Counted] = [{**row, "imported": counts[row["id"]]} for row in rows]
    return counted, next_token


async def get_provincial_list_import(
    reader: db.Reader, import_id: UUID, *, scope: str | None
) -> db.Row:
    """Return an import that the caller may see; raises ResourceNotFound otherwise."""
    rows, _ = await _IMPORTS.fetch(reader, read_page(1, "", {}), scope=scope, id=import_id)
    if not rows:
        raise ResourceNotFound(name=name_of("provincialListImports", import_id))
    return rows[0]


async def list_provincial_list_imports(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of imports; filters: list_id."""
    return await _IMPORTS.fetch(reader, page, scope=scope, **filters)
