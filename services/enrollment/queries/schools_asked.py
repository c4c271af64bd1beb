"""Which schools a question for statistics is about: one, those of a region on a day, or all."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, column, func, or_, select

from services.enrollment.store.tables import organisation

_ORGANISATION = bindparam("organisation", type_=Text)
_PREFIX = bindparam("region_prefix", type_=Text)
_REGION_DAY = bindparam("region_day", type_=Date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """About which schools and days statistics are; all days are included."""

    # Empty: all.
    organisation: str
    region_code: str
    from_date: date
    to_date: date
    # What became known, or began, later is left out.
    at_date: date

    def parameters(self) -> dict[str, Any]:
        """Return what the conditions of statements take."""
        return {
            "organisation": self.organisation,
            "region_prefix": _prefix(self.region_code),
            "region_day": self.to_date,
            "from_date": self.from_date,
            "to_date": min(self.to_date, self.at_date),
        }


def is_asked_for(school: Any) -> ColumnElement[bool]:
    """Return whether a column names a school that is asked about.

    A school belongs to the region in which it was on the last day of the period (AREA).
    """
    regions = func.jsonb_to_recordset(organisation.c.regions).table_valued(
        column("region_code", Text),
        column("valid_from_date", Date),
        column("valid_to_date", Date),
    )
    located = regions.render_derived(with_types=True)
    first, last = located.c.valid_from_date, located.c.valid_to_date
    was_there = select(organisation.c.id).where(
        organisation.c.id == school,
        func.starts_with(located.c.region_code, _PREFIX),
        or_(first.is_(None), first <= _REGION_DAY),
        or_(last.is_(None), last >= _REGION_DAY),
    )
    return and_(
        or_(_ORGANISATION == "", school == _ORGANISATION),
        or_(_PREFIX == "", was_there.exists()),
    )


def _prefix(region_code: str) -> str:
    """Return the digits that all codes within a region have (GB/T 2260)."""
    for ending in ("0000", "00"):
        if region_code.endswith(ending):
            return region_code.removesuffix(ending)
    return region_code
