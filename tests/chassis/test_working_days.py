"""Working days: the published calendar with its shifted weekends, and weekdays beyond it."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from chassis.working_days import count_working_days, is_published


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        # 国庆 2020 with 中秋: Sunday 27 September and Saturday 10 October are worked.
        (date(2020, 9, 27), True),
        (date(2020, 10, 1), False),
        (date(2020, 10, 8), False),
        (date(2020, 10, 10), True),
        # 春节 2021: Sunday 7 and Saturday 20 February are worked.
        (date(2021, 2, 7), True),
        (date(2021, 2, 17), False),
        (date(2021, 2, 20), True),
        # 清明 2022: Saturday 2 April is worked, Tuesday 5 is off.
        (date(2022, 4, 2), True),
        (date(2022, 4, 5), False),
        # 劳动节 2023: Sunday 23 April and Saturday 6 May are worked, 1 to 3 May off.
        (date(2023, 4, 23), True),
        (date(2023, 5, 3), False),
        (date(2023, 5, 6), True),
        # 春节 2024: Sunday 4 and Sunday 18 February are worked.
        (date(2024, 2, 4), True),
        (date(2024, 2, 16), False),
        (date(2024, 2, 18), True),
        # 国庆 2025: Sunday 28 September and Saturday 11 October are worked.
        (date(2025, 9, 28), True),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
        # 元旦 2026: Friday 2 January is off, Sunday 4 is worked.
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),
        (date(2026, 1, 5), True),
    ],
)
def test_shifted_weekends_are_worked_and_holidays_are_not(day: date, *, is_worked: bool) -> None:
    assert is_published(day)
    assert count_working_days(day, day) == int(is_worked)


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_day_of_the_published_years_is_as_the_calendar_has_it(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert count_working_days(day, day) == int(chinese_calendar.is_workday(day)), day
        day += timedelta(days=1)
    worked = sum(
        chinese_calendar.is_workday(date(year, 1, 1) + timedelta(days=offset))
        for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    )
    assert count_working_days(date(year, 1, 1), date(year, 12, 31)) == worked


@pytest.mark.parametrize(
    ("begin", "end", "count"),
    [
        (date(2023, 4, 10), date(2023, 4, 14), 5),
        (date(2023, 4, 10), date(2023, 4, 16), 5),
        (date(2023, 4, 14), date(2023, 4, 10), 0),
        (date(2023, 4, 15), date(2023, 4, 16), 0),
        # Out of the published years into them, and out again: 元旦 2027 is not known yet.
        (date(2026, 12, 28), date(2027, 1, 3), 5),
        (date(2003, 12, 29), date(2004, 1, 4), 4),
    ],
)
def test_both_ends_are_counted(begin: date, end: date, count: int) -> None:
    assert count_working_days(begin, end) == count


def test_beyond_the_published_years_monday_to_friday_count_and_it_is_told() -> None:
    for monday in (date(2031, 9, 1), date(1999, 10, 4), date(2027, 10, 4)):
        assert monday.isoweekday() == 1
        assert not is_published(monday)
        days = [monday + timedelta(days=offset) for offset in range(7)]
        assert [count_working_days(day, day) for day in days] == [1, 1, 1, 1, 1, 0, 0]


def test_centuries_are_counted_as_fast_as_weeks() -> None:
    # 28 years are 1461 weeks.
    assert count_working_days(date(1901, 1, 1), date(1928, 12, 31)) == 1461 * 5
    assert count_working_days(date(1, 1, 1), date(9999, 12, 31)) > 2_000_000
