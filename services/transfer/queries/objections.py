"""Reads objections."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.transfer.store.tables import objection

_LISTING = Listing(
    select(objection),
    key=objection.c.id,
    filters={
        "batch_id": objection.c.batch_id,
    },
    parties=[objection.c.front, objection.c.back],
)


async def get_objection(reader: db.Reader, objection_id: UUID, *, scope: str | None) -> db.Row:
    """Return an objection that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "objections", objection_id, scope=scope)


async def list_objections(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of objections and the token of the next; filters: batch_id."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
