"""Civil dates and instants on the wire."""

from datetime import UTC, date, datetime

import pytest
from google.type.date_pb2 import Date

from chassis.civil import from_date, from_instant, to_date
from chassis.errors import FieldsInvalid


@pytest.mark.parametrize(
    "day", [date(1900, 1, 1), date(2024, 2, 29), date(2023, 12, 31), date(2199, 12, 31)]
)
def test_a_date_goes_there_and_back(day: date) -> None:
    message = from_date(day)
    assert message is not None
    assert to_date(message, field="day") == day


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Date(), "DATE_INVALID"),
        (Date(year=2023, month=2, day=29), "DATE_INVALID"),
        (Date(year=2023, month=2, day=30), "DATE_INVALID"),
        (Date(year=2023, month=0, day=1), "DATE_INVALID"),
        (Date(year=2023, month=1), "DATE_INVALID"),
        (Date(month=1, day=1), "DATE_INVALID"),
        (Date(year=-2023, month=1, day=1), "DATE_INVALID"),
        (Date(year=2**31 - 1, month=1, day=1), "DATE_INVALID"),
        (Date(year=1899, month=12, day=31), "DATE_OUT_OF_RANGE"),
        (Date(year=2200, month=1, day=1), "DATE_OUT_OF_RANGE"),
    ],
)
def test_what_is_no_date_of_a_record_names_its_field(message: Date, reason: str) -> None:
    with pytest.raises(FieldsInvalid) as raised:
        to_date(message, field="arrive_date")
    (violation,) = raised.value.violations
    assert (violation.field, violation.reason) == ("arrive_date", reason)


def test_no_date_and_no_instant_leave_their_fields_out() -> None:
    assert from_date(None) is None
    assert from_instant(None) is None


def test_an_instant_is_sent_in_utc() -> None:
    message = from_instant(datetime(2023, 9, 1, 4, 5, 6, 789_000, tzinfo=UTC))
    assert message is not None
    assert message.ToJsonString() == "2023-09-01T04:05:06.789Z"
