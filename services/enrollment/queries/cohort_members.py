"""Reads the members of cohorts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
from services.enrollment.store.tables import cohort_member

_LISTING = Listing(
    select(cohort_member),
    key=cohort_member.c.id,
    filters={name: cohort_member.c[name] for name in ("id", "cohort_id", "state")},
    parties=[cohort_member.c.front, cohort_member.c.back],
)


async def get_cohort_member(reader: db.Reader, member_id: UUID, *, scope: str | None) -> db.Row:
    """Return a member that the caller may see; raises ResourceNotFound otherwise."""
    rows, _ = await _LISTING.fetch(reader, read_page(1, "", {}), scope=scope, id=member_id)
    if not rows:
        raise ResourceNotFound(name=name_of("cohortMembers", member_id))
    return rows[0]


async def list_cohort_members(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of members and the token of the next; filters: cohort_id, state."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
