"""Every event about a person is told on the timeline, in words that hold nothing personal."""

from typing import Any

import pytest
from guantong.enrollment.v1.person_timeline_pb2 import PersonTimelineEntry

from services.enrollment.domain import (
    back_stage_registration,
    consent,
    electronic_registration,
    student_status,
    timeline_words,
)
from services.enrollment.domain.timelines import LINES, Kind, line_of
from services.enrollment.edge.wire.timelines import placeholders
from tests.contracts.events import RESOURCES

ABOUT_PERSONS = {
    event: kind.DESCRIPTOR
    for event, kind in RESOURCES["enrollment"].items()
    if kind.DESCRIPTOR.name == "Person" or "person" in kind.DESCRIPTOR.fields_by_name
}


def test_each_event_about_a_person_has_a_line_and_no_other_has() -> None:
    assert ABOUT_PERSONS.keys() == {each.value for each in LINES}


def test_the_kinds_are_those_of_the_contract() -> None:
    names = PersonTimelineEntry.Kind.keys()
    assert {f"KIND_{each}" for each in Kind} == {*names} - {"KIND_UNSPECIFIED"}


@pytest.mark.parametrize(("event", "record"), ABOUT_PERSONS.items())
def test_a_line_shows_fields_of_the_record_and_none_that_is_personal(
    event: str, record: Any
) -> None:
    line = line_of(event)
    fields = record.fields_by_name
    for name in {*placeholders(line.zh), *placeholders(line.en)}:
        assert not fields[name].GetOptions().debug_redact, name
        # What is sealed comes out of the change row empty.
        assert name not in {"display_name", "reason", "facts", "ground"}
    if line.date_field:
        kind = fields[line.date_field].message_type.full_name
        assert kind in {"google.type.Date", "google.protobuf.Timestamp"}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (timeline_words.STUDENT_STATUSES, student_status.StudentStatus),
        (timeline_words.BLOCKING_REASONS, back_stage_registration.BlockingReason),
        (timeline_words.SEASONS, electronic_registration.Season),
        (timeline_words.RETURN_REASONS, electronic_registration.ReturnReason),
        (timeline_words.CONSENT_PURPOSES, consent.Purpose),
    ],
)
def test_each_name_has_a_word(words: Any, names: Any) -> None:
    assert words.keys() == {each.value for each in names}
