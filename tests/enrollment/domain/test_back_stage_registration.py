"""The back stage: an arrival is registered once nothing blocks it, and ended by a re-check."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.enrollment.domain.back_stage_registration import (
    BackStageRegistration,
    BlockingReason,
    State,
    find_blocking_reason,
)
from services.enrollment.domain.cohort_member import State as MemberState
from services.enrollment.domain.events import Event
from services.enrollment.domain.status_record import State as RecordState
from tests.enrollment import made

NOT_GRADUATED = BlockingReason.FRONT_STAGE_NOT_GRADUATED
NOT_A_MEMBER = BlockingReason.NOT_A_MEMBER


def refused_registration() -> BackStageRegistration:
    arrival = made.arrival_of(made.active_member())
    registration = BackStageRegistration.refuse(arrival, reason=NOT_GRADUATED)
    registration.event = None
    return registration


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        # Rule of the domain's 4.7: the front record is GRADUATED with a diploma number.
        ({}, None),
        ({"record": RecordState.IN_SCHOOL}, NOT_GRADUATED),
        ({"record": RecordState.ENDED}, NOT_GRADUATED),
        ({"sealed_diploma_number": b""}, NOT_GRADUATED),
        ({"has_record": False}, NOT_GRADUATED),
        # JS18: only students of the project; GD19: who left cannot come back.
        ({"has_member": False}, NOT_A_MEMBER),
        ({"person_id": uuid4()}, NOT_A_MEMBER),
        ({"project_id": uuid4()}, NOT_A_MEMBER),
        ({"member": MemberState.LEFT}, NOT_A_MEMBER),
        ({"member": MemberState.LEFT, "record": RecordState.IN_SCHOOL}, NOT_A_MEMBER),
    ],
)
def test_what_blocks_an_arrival(facts: dict[str, Any], verdict: BlockingReason | None) -> None:
    member = made.active_member()
    member.state = facts.get("member", MemberState.GRADUATED)
    record = made.front_record(member)
    record.state = facts.get("record", RecordState.GRADUATED)
    record.sealed_diploma_number = facts.get("sealed_diploma_number", b"sealed")
    reason = find_blocking_reason(
        person_id=facts.get("person_id", member.person_id),
        project_id=facts.get("project_id", member.project_id),
        member=member if facts.get("has_member", True) else None,
        front_record=record if facts.get("has_record", True) else None,
    )
    assert reason is verdict


def test_an_unblocked_arrival_is_registered_with_its_record() -> None:
    arrival = made.arrival_of(made.active_member())
    record_id = uuid4()
    registration = BackStageRegistration.register(arrival, status_record_id=record_id)
    assert (registration.id, registration.state) == (arrival.application_id, State.REGISTERED)
    assert (registration.status_record_id, registration.blocking_reason) == (record_id, None)
    assert (registration.version, registration.event) == (1, Event.BACK_STAGE_REGISTERED)
    assert registration.arrive_date == date(2023, 9, 4)


def test_a_refused_arrival_is_completed_when_nothing_blocks_any_more() -> None:
    registration = refused_registration()
    assert (registration.state, registration.blocking_reason) == (State.REFUSED, NOT_GRADUATED)
    record_id = uuid4()
    registration.complete(status_record_id=record_id)
    assert (registration.state, registration.blocking_reason) == (State.REGISTERED, None)
    assert (registration.version, registration.event) == (2, Event.BACK_STAGE_REGISTERED)


def test_a_refused_arrival_says_what_blocks_it_now() -> None:
    registration = refused_registration()
    registration.refuse_again(reason=NOT_A_MEMBER)
    assert registration.blocking_reason is NOT_A_MEMBER
    assert registration.event is Event.BACK_STAGE_REFUSED


@pytest.mark.parametrize("state", [State.REFUSED, State.REGISTERED])
def test_a_failed_recheck_ends_a_registration(state: State) -> None:
    registration = refused_registration()
    registration.state = state
    registration.end()
    assert (registration.state, registration.blocking_reason) == (State.ENDED, None)
    assert registration.event is Event.BACK_STAGE_ENDED


def test_an_ended_registration_stays_ended() -> None:
    registration = refused_registration()
    registration.end()
    registration.event = None
    for step in (
        registration.end,
        lambda: registration.complete(status_record_id=uuid4()),
        lambda: registration.refuse_again(reason=NOT_A_MEMBER),
    ):
        with pytest.raises(RuntimeError):
            step()
