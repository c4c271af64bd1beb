"""Reads status changes, and what their form (R4) prints beside them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, bindparam, func, select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page
from services.enrollment.store.status_tables import (
    status_change,
    status_change_party,
    status_period,
)
from services.enrollment.store.tables import organisation, person, status_record

_FILTERS = {
    name: status_change.c[name] for name in ("state", "kind", "status_record_id", "person_id")
}
_LISTING = Listing(select(status_change), key=status_change.c.id, filters=_FILTERS)
_OF_PARTY = Listing(
    select(status_change).join(
        status_change_party, status_change_party.c.change_id == status_change.c.id
    ),
    key=status_change.c.id,
    filters=_FILTERS,
    parties=[status_change_party.c.party],
)
_PRINTED = db.compile(
    select(
        *(
            func.coalesce(status_period.c[name], status_record.c[name]).label(name)
            for name in ("grade_year", "class_name", "major_code")
        ),
        status_record.c.register_date,
        status_record.c.state.label("record_state"),
        person.c.sealed_display_name,
        person.c.sealed_masked_student_number,
        organisation.c.display_name.label("organisation_display_name"),
    )
    .join(person, person.c.id == status_record.c.person_id)
    .join(organisation, organisation.c.id == status_record.c.organisation)
    .outerjoin(
        status_period,
        and_(
            status_period.c.record_id == status_record.c.id,
            status_period.c.valid_to_date == bindparam("last_date", type_=Date),
        ),
    )
    .where(status_record.c.id == bindparam("record_id", type_=Uuid))
)


async def get_status_change(reader: db.Reader, change_id: UUID, *, scope: str | None) -> db.Row:
    """Return a change that the caller may see; raises ResourceNotFound otherwise."""
    return await _listing(scope).get(reader, "statusChanges", change_id, scope=scope)


async def list_status_changes(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of changes and the token of the next; filters as in the columns' names."""
    return await _listing(scope).fetch(reader, page, scope=scope, **filters)


def _listing(scope: str | None) -> Listing:
    # Without a scope a change would come once for each of its parties.
    return _LISTING if scope is None else _OF_PARTY


async def get_printed(reader: db.Reader, record_id: UUID, *, effected_on: date | None) -> db.Row:
    """Return what the form prints of the record, the student and the school.

    Of a change that took effect the form shows grade, class and major of the day before.
    """
    last_date = None if effected_on is None else effected_on - timedelta(days=1)
    row = await reader.fetch_one(_PRINTED, record_id=record_id, last_date=last_date)
    if row is None:
        raise ResourceNotFound(name=name_of("statusRecords", record_id))
    return row
