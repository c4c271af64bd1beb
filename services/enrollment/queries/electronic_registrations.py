"""Reads electronic registrations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.store.status_tables import electronic_registration

_LISTING = Listing(
    select(electronic_registration),
    key=electronic_registration.c.id,
    filters={name: electronic_registration.c[name] for name in ("state", "organisation")},
    parties=[
        electronic_registration.c[name] for name in ("organisation", "front", "back", "approver")
    ],
)


async def get_electronic_registration(
    reader: db.Reader, registration_id: UUID, *, scope: str | None
) -> db.Row:
    """Return a registration that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "electronicRegistrations", registration_id, scope=scope)


async def list_electronic_registrations(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of registrations and the token of the next; filters: state, organisation."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
