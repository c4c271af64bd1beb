"""Reads placements as they are now: the school's, and all for who reads everything."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.queries.families import of_family
from services.enrollment.store.placement_tables import placement

_LATER = placement.alias("later")
_IS_LATER = (
    select(_LATER.c.id)
    .where(_LATER.c.id == placement.c.id, _LATER.c.version > placement.c.version)
    .exists()
)
_LISTING = Listing(
    select(placement).where(~_IS_LATER),
    key=placement.c.id,
    filters={
        **{name: placement.c[name] for name in ("status_record_id", "organisation", "state")},
        "person_id": lambda name: of_family(placement.c.person_id, name),
    },
    parties=[placement.c.organisation],
)


async def get_placement(reader: db.Reader, placement_id: UUID, *, scope: str | None) -> db.Row:
    """Return a placement that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "placements", placement_id, scope=scope)


async def list_placements(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page and the token of the next.

    Filters: person_id, status_record_id, organisation, state.
    """
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
