"""Timelines on the wire: whom a record is about, the day of its fact, and its line of words."""

from collections.abc import Callable, Mapping
from datetime import UTC, date
from functools import cache
from string import Formatter
from typing import Any, Final, TypeAlias
from uuid import UUID

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import person_timeline_pb2 as pb

from chassis.civil import from_date, from_instant
from chassis.clock import civil_date
from chassis.ids import to_id
from chassis.names import name_of
from chassis.requests import decode
from services.enrollment.domain import cooperation_words, timeline_words, words
from services.enrollment.domain.timelines import Kind, Line, line_of
from services.enrollment.edge.wire import persons

_PREFIX: Final = len(f"{persons.COLLECTION}/")
_PERSON: Final = "guantong.enrollment.v1.Person"
# The words of an enum, by its name in the package of the contract.
_WORDS: Final[Mapping[str, words.Words]] = {
    "Cooperation.Kind": cooperation_words.COOPERATION_KINDS,
    "StatusChange.Kind": words.STATUS_CHANGE_KINDS,
    "StatusRecord.Status": timeline_words.STUDENT_STATUSES,
    "LearningOutcome.Kind": words.OUTCOME_KINDS,
    "BackStageRegistration.BlockingReason": timeline_words.BLOCKING_REASONS,
    "ElectronicRegistration.Season": timeline_words.SEASONS,
    "ElectronicRegistration.ReturnReason": timeline_words.RETURN_REASONS,
    "Consent.Purpose": timeline_words.CONSENT_PURPOSES,
}
# How a value of a field is told.
Tell: TypeAlias = Callable[[Any, Any], str]


@cache
def _subject_field(kind: Descriptor) -> str | None:
    """Return the field of a record that names its person; None where it is about none."""
    if kind.full_name == _PERSON:
        return "name"
    return "person" if "person" in kind.fields_by_name else None


def subject_of(message: Message) -> UUID | None:
    """Return the id of the person that a record is about."""
    field = _subject_field(message.DESCRIPTOR)
    name = getattr(message, field) if field else ""
    return to_id(name[_PREFIX:]) if name else None


def fact_date_of(message: Any, line: Line, recorded: date) -> date:
    """Return the day of a fact: what the record says, or when it was recorded."""
    if not line.date_field or not message.HasField(line.date_field):
        return recorded
    value = getattr(message, line.date_field)
    if isinstance(value, Timestamp):
        return civil_date(value.ToDatetime(tzinfo=UTC))
    return _date(value)


def _date(value: Date) -> date:
    return date(value.year, value.month, value.day)


def to_entry(row: Mapping[str, Any], *, person_id: UUID) -> pb.PersonTimelineEntry:
    """Return an entry of a change row that is about a person or a duplicate of theirs."""
    line = line_of(row["event_type"])
    record = decode(row["message_type"], row["resource"])
    return pb.PersonTimelineEntry(
        date=from_date(row["fact_date"]),
        record_time=from_instant(row["business_time"]),
        kind=pb.PersonTimelineEntry.Kind.Value(f"KIND_{line.kind}"),
        event_type=row["event_type"],
        resource=row["resource_name"],
        version=row["version"],
        person=name_of(persons.COLLECTION, row["person_id"]),
        is_alias=row["person_id"] != person_id,
        organisation=name_of("organisations", row["actor_organisation"] or None),
        summary_zh=_filled(line.zh, record, _in_chinese),
        summary_en=_filled(line.en, record, _in_english),
    )


def to_kinds(request: Any) -> frozenset[Kind]:
    """Return the kinds that a request asks for; none where it asks for all."""
    prefix = len("KIND_")
    name = pb.PersonTimelineEntry.Kind.Name
    return frozenset(Kind(name(each)[prefix:]) for each in request.kinds)


@cache
def placeholders(text: str) -> tuple[str, ...]:
    """Return the fields that a line shows."""
    return tuple(field for _, field, _, _ in Formatter().parse(text) if field)


def _filled(text: str, record: Message, tell: Tell) -> str:
    fields = record.DESCRIPTOR.fields_by_name
    shown = {
        name: tell(fields[name], getattr(record, name)) if name in fields else ""
        for name in placeholders(text)
    }
    return text.format(**shown) if shown else text


def _in_chinese(field: Any, value: Any) -> str:
    if field.enum_type is None:
        return _plain(field, value)
    name = _value_name(field, value)
    of_enum = _WORDS.get(field.enum_type.full_name.removeprefix("guantong.enrollment.v1."), {})
    return of_enum.get(name, name)


def _in_english(field: Any, value: Any) -> str:
    if field.enum_type is None:
        return _plain(field, value)
    return _value_name(field, value).lower().replace("_", " ")


def _plain(field: Any, value: Any) -> str:
    if field.name.endswith("_tenths"):
        return f"{value // 10}.{value % 10}"
    return str(value)


def _value_name(field: Any, value: int) -> str:
    """Return a value's name without the prefix that the contract gives to it."""
    enum = field.enum_type
    unspecified = enum.values_by_number[0].name
    prefix = unspecified.removesuffix("UNSPECIFIED")
    known = enum.values_by_number.get(value)
    return known.name.removeprefix(prefix) if known else str(value)
