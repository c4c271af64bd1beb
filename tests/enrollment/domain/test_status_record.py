"""Status records: opened with the stage, graduated by their holder, ended by a failed re-check."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.enrollment.domain.cohort_member import State as MemberState
from services.enrollment.domain.events import Event
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.refusals import (
    GraduationBeforeEntry,
    MemberNotActive,
    NotRecordHolder,
    StudentNotInSchool,
)
from services.enrollment.domain.status_record import Stage, State, StatusRecord
from tests.enrollment import made

DIPLOMA: dict[str, Any] = {"sealed_diploma_number": b"sealed", "graduate_date": date(2023, 6, 30)}


def back_record() -> StatusRecord:
    project = made.approved_project()
    record = StatusRecord.open_back(
        new_id=uuid4(),
        member=made.active_member(made.open_cohort(project)),
        project=project,
        application_id=uuid4(),
        arrive_date=date(2023, 9, 4),
    )
    record.event = None
    return record


def test_the_front_record_holds_from_the_day_of_intake() -> None:
    record = made.front_record()
    assert (record.state, record.stage, record.status_code) == (State.IN_SCHOOL, Stage.FRONT, "01")
    assert (record.organisation, record.level) == (made.FRONT, Level.SECONDARY_VOCATIONAL)
    assert (record.valid_from_date, record.major_code) == (date(2020, 9, 1), "690101")
    assert not record.has_diploma


def test_the_back_record_is_a_new_one_of_the_back_college() -> None:
    record = back_record()
    assert (record.stage, record.organisation) == (Stage.BACK, made.BACK)
    assert (record.level, record.major_code) == (Level.HIGHER_VOCATIONAL, "490101")
    assert record.valid_from_date == date(2023, 9, 4)


def test_a_graduation_keeps_number_and_date_of_the_diploma() -> None:
    record = made.front_record()
    record.graduate(party=made.FRONT, **DIPLOMA)
    assert (record.state, record.status_code) == (State.GRADUATED, "07")
    assert (record.sealed_diploma_number, record.graduate_date) == (b"sealed", date(2023, 6, 30))
    assert record.valid_to_date == date(2023, 6, 30)
    assert record.has_diploma
    assert (record.version, record.event) == (2, Event.STUDENT_GRADUATED)


@pytest.mark.parametrize("party", [made.BACK, made.STRANGER])
def test_only_the_holder_records_a_graduation(party: str) -> None:
    record = made.front_record()
    with pytest.raises(NotRecordHolder):
        record.graduate(party=party, **DIPLOMA)
    assert record.version == 1


@pytest.mark.parametrize("state", [State.GRADUATED, State.ENDED])
def test_only_a_student_in_school_graduates(state: State) -> None:
    record = made.front_record()
    record.state = state
    with pytest.raises(StudentNotInSchool):
        record.graduate(party=made.FRONT, **DIPLOMA)
    with pytest.raises(StudentNotInSchool):
        record.end(on=date(2023, 7, 1))


def test_nobody_graduates_before_the_record_began() -> None:
    record = made.front_record()
    with pytest.raises(GraduationBeforeEntry) as refused:
        record.graduate(
            party=made.FRONT, sealed_diploma_number=b"sealed", graduate_date=date(2020, 8, 31)
        )
    assert refused.value.violations[0].field == "graduate_date"


@pytest.mark.parametrize(
    ("on", "valid_to_date"),
    [(date(2023, 11, 1), date(2023, 11, 1)), (date(2023, 9, 1), date(2023, 9, 4))],
)
def test_a_record_ends_without_graduation_and_not_before_it_began(
    on: date, valid_to_date: date
) -> None:
    record = back_record()
    record.end(on=on)
    assert (record.state, record.status_code) == (State.ENDED, "99")
    assert record.valid_to_date == valid_to_date
    assert (record.version, record.event) == (2, Event.STATUS_RECORD_ENDED)


@pytest.mark.parametrize("state", [MemberState.ACTIVE, MemberState.SUSPENDED])
def test_a_member_in_the_pathway_follows_the_graduation(state: MemberState) -> None:
    member = made.active_member()
    member.state = state
    member.graduate(on=date(2023, 7, 1))
    assert (member.state, member.event) == (MemberState.GRADUATED, Event.MEMBER_GRADUATED)


def test_who_left_the_pathway_stays_outside_after_graduating() -> None:
    member = made.active_member()
    member.state = MemberState.LEFT
    with pytest.raises(MemberNotActive):
        member.graduate(on=date(2023, 7, 1))
