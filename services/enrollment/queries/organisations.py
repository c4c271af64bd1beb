"""Reads organisations: all of them are visible to everybody."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
from services.enrollment.store.tables import organisation

_LISTING = Listing(
    select(organisation),
    key=organisation.c.number,
    filters={name: organisation.c[name] for name in ("id", "kind", "region_code")},
)


async def get_organisation(reader: db.Reader, organisation_id: str) -> db.Row:
    """Return an organisation; raises ResourceNotFound if there is none."""
    rows, _ = await _LISTING.fetch(reader, read_page(1, "", {}), scope=None, id=organisation_id)
    if not rows:
        raise ResourceNotFound(name=name_of("organisations", organisation_id))
    return rows[0]


async def list_organisations(
    reader: db.Reader, page: Page, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of organisations and the token of the next; filters: kind, region_code."""
    return await _LISTING.fetch(reader, page, scope=None, **filters)
