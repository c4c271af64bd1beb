"""Working days of the Chinese calendar, with its shifted weekends.

The published calendar ends with the present year's plan; beyond it Monday to Friday count, which
`is_published` tells a caller who has to say so.
"""

from datetime import date
from typing import Final

from chinese_calendar.constants import holidays, workdays

_FRIDAY: Final = 5
_WEEK: Final = 7
_YEARS: Final = range(min(holidays).year, max(holidays).year + 1)
# What differs from Monday to Friday: days off in a week, and weekend days that are worked.
_DAYS_OFF: Final = [day for day in holidays if day.isoweekday() <= _FRIDAY]
_DAYS_ON: Final = [day for day in workdays if day.isoweekday() > _FRIDAY]


def is_published(day: date) -> bool:
    """Whether the calendar of the day's year has been published."""
    return day.year in _YEARS


def count_working_days(begin: date, end: date) -> int:
    """Count the working days from `begin` to `end`, both included; 0 when they are reversed.

    Takes no longer for centuries than for a week: what a caller asks for is not bounded.
    """
    if begin > end:
        return 0
    weekdays = _weekdays_before(end.toordinal() + 1) - _weekdays_before(begin.toordinal())
    return weekdays - _count(_DAYS_OFF, begin, end) + _count(_DAYS_ON, begin, end)


def _weekdays_before(ordinal: int) -> int:
    # Ordinal 1 is a Monday.
    weeks, days = divmod(ordinal - 1, _WEEK)
    return weeks * _FRIDAY + min(days, _FRIDAY)


def _count(days: list[date], begin: date, end: date) -> int:
    return sum(begin <= day <= end for day in days)
