"""Reads electronic registrations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
from services.enrollment.store.status_tables import electronic_registration

_LISTING = Listing(
    select(electronic_registration),
    key=electronic_registration.c.id,
    filters={name: electronic_registration.c[name] for name in ("id", "state", "organisation")},
    parties=[
        electronic_registration.c[name] for name in ("organisation", "front", "back", "approver")
    ],
)


async def get_electronic_registration(
    reader: db.Reader, registration_id: UUID, *, scope: str | None
) -> db.Row:
    """Return a registration that the caller may see; raises ResourceNotFound otherwise."""
    rows, _ = await _LISTING.fetch(reader, read_page(1, "", {}), scope=scope, id=registration_id)
    if not rows:
        raise ResourceNotFound(name=name_of("electronicRegistrations", registration_id))
    return rows[0]


async def list_electronic_registrations(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of registrations and the token of the next; filters: state, organisation."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
