"""Reads status records."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.store.status_tables import status_period
from services.enrollment.store.tables import status_record

_PERIODS = (
    select(
        func.coalesce(
            cast(
                func.jsonb_agg(
                    aggregate_order_by(
                        func.to_jsonb(status_period.table_valued()),
                        status_period.c.valid_from_date,
                    )
                ),
                Text,
            ),
            "[]",
        )
    )
    .where(status_period.c.record_id == status_record.c.id)
    .correlate(status_record)
    .scalar_subquery()
    .label("past_periods")
)
_FILTERS = ("person_id", "organisation", "state", "level", "major_code", "project_id")


def _held_at(name: str) -> ColumnElement[bool]:
    on = bindparam(name, type_=Date)
    last = status_record.c.valid_to_date
    return and_(status_record.c.valid_from_date <= on, or_(last.is_(None), last >= on))


_LISTING = Listing(
    select(status_record, _PERIODS),
    key=status_record.c.id,
    filters={
        **{name: status_record.c[name] for name in _FILTERS},
        "at_date": _held_at,
    },
    parties=[status_record.c.front, status_record.c.back],
)


async def get_status_record(reader: db.Reader, record_id: UUID, *, scope: str | None) -> db.Row:
    """Return a status record that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "statusRecords", record_id, scope=scope)


async def list_status_records(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of status records and the token of the next.

    Filters: person_id, organisation, state, level, major_code, project_id, at_date.
    """
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
