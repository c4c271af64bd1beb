"""Working days of the Chinese calendar, with its shifted weekends.

The published calendar ends with the present year's plan; beyond it Monday to Friday count, which
`is_published` tells a caller who has to say so.
"""

from datetime import date, timedelta

import chinese_calendar


def is_published(day: date) -> bool:
    """Whether the calendar of the day's year has been published."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def count_working_days(begin: date, end: date) -> int:
    """Count the working days from `begin` to `end`, both included; 0 when they are reversed."""
    days = (begin + timedelta(days=offset) for offset in range((end - begin).days + 1))
    return sum(map(_is_working_day, days))


def _is_working_day(day: date) -> bool:
    if is_published(day):
        return bool(chinese_calendar.is_workday(day))
    return day.isoweekday() <= _FRIDAY


_FRIDAY = 5
