"""Terms of the school year and months of the calendar."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

_MONTHS: Final = 12


def begins_of_terms(year: int, begins: Sequence[str]) -> list[date]:
    """Return when the terms of a school year begin, the first in `year`; `begins` are MM-DD."""
    days = [tuple(map(int, each.split("-"))) for each in begins]
    first = days[0]
    return [date(year + (each < first), *each) for each in days]


def begin_of_term(day: date, begins: Sequence[str]) -> date:
    """Return when the term began in which a day lies."""
    known = [begin for year in (day.year - 1, day.year) for begin in begins_of_terms(year, begins)]
    return max(begin for begin in known if begin <= day)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
