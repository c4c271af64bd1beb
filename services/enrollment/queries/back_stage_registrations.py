"""Reads back-stage registrations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.store.tables import back_stage_registration

_LISTING = Listing(
    select(back_stage_registration),
    key=back_stage_registration.c.id,
    filters={"state": back_stage_registration.c.state},
    parties=[back_stage_registration.c.front, back_stage_registration.c.back],
)


async def get_back_stage_registration(
    reader: db.Reader, registration_id: UUID, *, scope: str | None
) -> db.Row:
    """Return a registration that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "backStageRegistrations", registration_id, scope=scope)


async def list_back_stage_registrations(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of registrations and the token of the next; filters: state."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
