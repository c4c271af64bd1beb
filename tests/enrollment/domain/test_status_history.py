"""The history of a status record against a simple model: which status each day has."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.enrollment.domain.refusals import StudentNotInSchool
from services.enrollment.domain.status_record import StatusPeriod, StatusRecord
from services.enrollment.domain.status_refusals import (
    EffectiveBeforePresentStatus,
    StatusRecordOverlaps,
)
from services.enrollment.domain.status_spans import Spans, span_of
from services.enrollment.domain.student_status import ENDING, IN_SCHOOL, ON_BOOKS, StudentStatus
from tests.enrollment import made

BEGIN = date(2020, 9, 1)
DAYS = 400
HELD = sorted(frozenset(StudentStatus) - ENDING)
days = st.integers(min_value=0, max_value=DAYS - 1)


def status_on(record: StatusRecord, day: date) -> StatusRecord | StatusPeriod | None:
    """Return what says the status of a day; at most one thing may."""
    found: list[StatusRecord | StatusPeriod] = [
        each for each in record.past_periods if each.valid_from_date <= day <= each.valid_to_date
    ]
    if record.is_open and record.status_from_date <= day:
        found.append(record)
    assert len(found) <= 1
    return found[0] if found else None


class History(RuleBasedStateMachine):
    """Changes of a record beside a list of days."""

    def __init__(self) -> None:
        super().__init__()
        self.record = made.front_record()
        self.model: list[StudentStatus | None] = [StudentStatus.STUDYING] * DAYS
        self.present_from = 0

    @precondition(lambda self: self.record.is_open)
    @rule(day=days, status=st.sampled_from(HELD))
    def hold(self, day: int, status: StudentStatus) -> None:
        on = BEGIN + timedelta(days=day)
        self.record.event = None
        if day < self.present_from:
            with pytest.raises(EffectiveBeforePresentStatus):
                self.record.study(status, on=on, change_id=uuid4())
            return
        self.record.study(status, on=on, change_id=uuid4())
        self.model[day:] = [status] * (DAYS - day)
        self.present_from = day

    @precondition(lambda self: self.record.is_open)
    @rule(day=days)
    def leave(self, day: int) -> None:
        on = BEGIN + timedelta(days=day)
        self.record.event = None
        if day < self.present_from or day == 0:
            with pytest.raises(EffectiveBeforePresentStatus):
                self.record.leave(StudentStatus.WITHDRAWN, on=on, change_id=uuid4())
            return
        self.record.leave(StudentStatus.WITHDRAWN, on=on, change_id=uuid4())
        self.model[day:] = [None] * (DAYS - day)

    @precondition(lambda self: not self.record.is_open)
    @rule(day=days, status=st.sampled_from(HELD))
    def change_what_has_ended(self, day: int, status: StudentStatus) -> None:
        with pytest.raises(StudentNotInSchool):
            self.record.study(status, on=BEGIN + timedelta(days=day), change_id=uuid4())

    @invariant()
    def each_day_has_the_status_of_the_model(self) -> None:
        for day, expected in enumerate(self.model):
            found = status_on(self.record, BEGIN + timedelta(days=day))
            assert (found and found.status) == expected

    @invariant()
    def the_record_holds_for_the_days_that_have_a_status(self) -> None:
        held = [day for day, status in enumerate(self.model) if status is not None]
        assert self.record.valid_from_date == BEGIN + timedelta(days=held[0])
        if self.record.valid_to_date is not None:
            assert self.record.valid_to_date == BEGIN + timedelta(days=held[-1])


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [
        # The other record holds from day 10 to day 20, both included.
        (0, 9, False),
        (0, 10, True),
        (0, None, True),
        (10, 20, True),
        (12, 15, True),
        (20, 30, True),
        (21, 30, False),
        (21, None, False),
        (20, None, True),
    ],
)
def test_records_of_one_person_and_level_share_no_day(
    first: int, last: int | None, *, overlaps: bool
) -> None:
    other = made.front_record()
    other.valid_from_date, other.valid_to_date = day(10), day(20)
    record = made.front_record()
    record.person_id = other.person_id
    record.valid_from_date = day(first)
    record.valid_to_date = None if last is None else day(last)
    spans = Spans([span_of(other)])
    if not overlaps:
        spans.add(record)
        return
    with pytest.raises(StatusRecordOverlaps):
        spans.add(record)


def test_on_books_is_in_school_and_who_is_kept_a_place() -> None:
    assert {"STUDYING", "RETURNED"} == IN_SCHOOL
    assert {"SUSPENDED", "RECORD_RETAINED", "ADMISSION_RETAINED"} == ON_BOOKS - IN_SCHOOL
