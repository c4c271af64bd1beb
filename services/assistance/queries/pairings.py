"""Reads pairings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.assistance.store.tables import pairing

_LISTING = Listing(
    select(pairing),
    key=pairing.c.id,
    filters={},
    parties=[pairing.c.helper, pairing.c.receiver, pairing.c.office],
)


async def get_pairing(reader: db.Reader, pairing_id: UUID, *, scope: str | None) -> db.Row:
    """Return a pairing that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "pairings", pairing_id, scope=scope)


async def list_pairings(
    reader: db.Reader, page: Page, *, scope: str | None
) -> tuple[Sequence[db.Row], str]:
    """Return a page of pairings and the token of the next."""
    return await _LISTING.fetch(reader, page, scope=scope)
