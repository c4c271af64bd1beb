"""Civil dates on the wire: google.type.Date to `date` and back."""

from datetime import date, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.errors import FieldsInvalid, FieldViolation

# Years that records speak of; sums of a date and a term stay within what `date` can hold.
_YEAR_MIN = 1900
_YEAR_MAX = 2199


def to_date(message: Date, *, field: str) -> date:
    """Return the date.

    Raises FieldsInvalid for one that no calendar has (30 February, month 0), and for one in a
    year that no record speaks of.
    """
    try:
        value = date(message.year, message.month, message.day)
    except ValueError:
        raise _invalid(
            field,
            "DATE_INVALID",
            zh="不是有效的日期，年月日均须填写",
            en="not a date of the calendar; year, month and day are all needed",
        ) from None
    if not _YEAR_MIN <= value.year <= _YEAR_MAX:
        raise _invalid(
            field,
            "DATE_OUT_OF_RANGE",
            zh=f"年份应在 {_YEAR_MIN} 至 {_YEAR_MAX} 之间",
            en=f"the year must be from {_YEAR_MIN} to {_YEAR_MAX}",
        )
    return value


def to_date_or_none(message: Message, field: str) -> date | None:
    """Return the date in an optional field of a request; None when it is absent."""
    if not message.HasField(field):
        return None
    value: Date = getattr(message, field)
    return to_date(value, field=field)


def _invalid(field: str, reason: str, *, zh: str, en: str) -> FieldsInvalid:
    return FieldsInvalid(violations=[FieldViolation(field=field, reason=reason, zh=zh, en=en)])


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
