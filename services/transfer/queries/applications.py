"""Reads applications."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.transfer.store.tables import application

_LISTING = Listing(
    select(application),
    key=application.c.id,
    filters={
        "batch_id": application.c.batch_id,
        "state": application.c.state,
    },
    parties=[application.c.front, application.c.back],
)


async def get_application(reader: db.Reader, application_id: UUID, *, scope: str | None) -> db.Row:
    """Return an application that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "applications", application_id, scope=scope)


async def list_applications(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of applications and the token of the next; filters: batch_id, state."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
