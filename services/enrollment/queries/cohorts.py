"""Reads cohorts, with their members counted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.store.tables import cohort, cohort_member

_MEMBERS = select(func.count()).where(cohort_member.c.cohort_id == cohort.c.id)
_IN_STATE = {
    state: _MEMBERS.where(cohort_member.c.state == literal_column(f"'{state}'"))
    for state in ("ACTIVE", "SUSPENDED", "LEFT", "GRADUATED")
}
_LISTING = Listing(
    select(
        cohort,
        _MEMBERS.scalar_subquery().label("enrolled_count"),
        *(
            members.scalar_subquery().label(f"{state.lower()}_count")
            for state, members in _IN_STATE.items()
        ),
    ),
    key=cohort.c.id,
    filters={"project_id": cohort.c.project_id},
    parties=[cohort.c.front, cohort.c.back],
)


async def get_cohort(reader: db.Reader, cohort_id: UUID, *, scope: str | None) -> db.Row:
    """Return a cohort that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "cohorts", cohort_id, scope=scope)


async def list_cohorts(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of cohorts and the token of the next; filters: project_id."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
