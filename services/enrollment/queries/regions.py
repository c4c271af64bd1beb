"""Where an organisation was on a day: one that has moved is counted where it was (AREA)."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Text, column, func, or_, select

from services.enrollment.store.tables import organisation


def region_prefix(region_code: str) -> str:
    """Return the digits that all codes within a region begin with: 320000 is all of 32."""
    return region_code.removesuffix("00").removesuffix("00")


def was_in_region(organisation_id: Any, prefix: Any, on: Any) -> ColumnElement[bool]:
    """Whether the code of an organisation's region began with these digits on a day."""
    regions = func.jsonb_to_recordset(organisation.c.regions).table_valued(
        column("region_code", Text),
        column("valid_from_date", Date),
        column("valid_to_date", Date),
    )
    located = regions.render_derived(with_types=True)
    first, last = located.c.valid_from_date, located.c.valid_to_date
    return (
        select(organisation.c.id)
        .where(
            organisation.c.id == organisation_id,
            func.starts_with(located.c.region_code, prefix),
            or_(first.is_(None), first <= on),
            or_(last.is_(None), last >= on),
        )
        .exists()
    )
