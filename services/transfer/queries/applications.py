"""Reads applications."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
from services.transfer.store.tables import application

_LISTING = Listing(
    select(application),
    key=application.c.id,
    filters={
        "id": application.c.id,
        "batch_id": application.c.batch_id,
        "state": application.c.state,
    },
    parties=[application.c.front, application.c.back],
)


async def get_application(reader: db.Reader, application_id: UUID, *, scope: str | None) -> db.Row:
    """Return an application that the caller may see; raises ResourceNotFound otherwise."""
    rows, _ = await _LISTING.fetch(reader, read_page(1, "", {}), scope=scope, id=application_id)
    if not rows:
        raise ResourceNotFound(name=name_of("applications", application_id))
    return rows[0]


async def list_applications(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of applications and the token of the next; filters: batch_id, state."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
