"""Which schools a question for statistics is about: one, those of a region on a day, or all."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, or_

from services.enrollment.queries.regions import region_prefix, was_in_region

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
            "region_prefix": region_prefix(self.region_code),
            "region_day": self.to_date,
            "from_date": self.from_date,
            "to_date": min(self.to_date, self.at_date),
        }


def is_asked_for(school: Any) -> ColumnElement[bool]:
    """Return whether a column names a school that is asked about.

    A school belongs to the region in which it was on the last day of the period (AREA).
    """
    return and_(
        or_(_ORGANISATION == "", school == _ORGANISATION),
        or_(_PREFIX == "", was_in_region(school, _PREFIX, _REGION_DAY)),
    )
