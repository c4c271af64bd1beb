"""Reads placements as they are now: the school's, and all for who reads everything."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
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
        **{name: placement.c[name] for name in ("id", "status_record_id", "organisation", "state")},
        "person_id": lambda name: of_family(placement.c.person_id, name),
    },
    parties=[placement.c.organisation],
)


async def get_placement(reader: db.Reader, placement_id: UUID, *, scope: str | None) -> db.Row:
    """Return a placement that the caller may see; raises ResourceNotFound otherwise."""
    rows, _ = await _LISTING.fetch(reader, read_page(1, "", {}), scope=scope, id=placement_id)
    if not rows:
        raise ResourceNotFound(name=name_of("placements", placement_id))
    return rows[0]


async def list_placements(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page and the token of the next.

    Filters: person_id, status_record_id, organisation, state.
    """
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
