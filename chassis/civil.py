"""Civil dates on the wire: google.type.Date to `date` and back."""

from datetime import date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.errors import FieldsInvalid, FieldViolation


def to_date(message: Date, *, field: str) -> date:
    """Return the date; raises FieldsInvalid for one that no calendar has (30 February, month 0)."""
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        raise FieldsInvalid(
            violations=[
                FieldViolation(
                    field=field,
                    reason="DATE_INVALID",
                    zh="不是有效的日期，年月日均须填写",
                    en="not a date of the calendar; year, month and day are all needed",
                )
            ]
        ) from None


def from_date(value: date | None) -> Date | None:
    """Return the message, or None, which leaves the field absent."""
    return None if value is None else Date(year=value.year, month=value.month, day=value.day)


def from_instant(value: datetime | None) -> Timestamp | None:
    """Return an aware instant as a Timestamp, or None."""
    if value is None:
        return None
    message = Timestamp()
    message.FromDatetime(value)
    return message
