"""Arrival, leave, retained places and forfeit: each rule on its last day and the day after."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.transfer.domain import refusals
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import (
    RetentionKind,
    State,
    deadline_of,
    holder_of,
)
from services.transfer.domain.events import Event
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import Holder
from tests.transfer.aggregates import (
    ARRIVAL_BEGIN,
    BACK,
    DEADLINE,
    FRONT,
    STRANGER,
    BatchState,
    application,
    batch,
    refusal_of,
)

DAY = timedelta(days=1)
POLICY = Policy()
OPEN = BatchState.ARRIVAL_OPEN
LEAVE_LATEST = date(2023, 9, 24)
RETAINED_UNTIL = date(2024, 9, 1)
LONG_AFTER = date(2028, 1, 1)


def admitted(**changes: Any) -> Application:
    return application(State.ADMITTED, **changes)


def retained(**changes: Any) -> Application:
    return application(State.RETAINED, **changes)


@pytest.mark.parametrize(
    ("today", "until", "refusal"),
    [
        (ARRIVAL_BEGIN - DAY, ARRIVAL_BEGIN, None),
        (DEADLINE, DEADLINE, None),
        (DEADLINE, LEAVE_LATEST, None),
        (DEADLINE, LEAVE_LATEST + DAY, refusals.LeaveTooLong),
        (DEADLINE, DEADLINE - DAY, refusals.LeaveTooLong),
        (DEADLINE + DAY, LEAVE_LATEST, refusals.ArrivalOver),
    ],
)
def test_leave_is_asked_for_in_time_and_lasts_two_weeks_at_most(
    today: date, until: date, refusal: type[Exception] | None
) -> None:
    each = admitted()

    def grant() -> None:
        each.grant_leave(party=BACK, batch=batch(OPEN), until=until, today=today, policy=POLICY)

    if refusal is not None:
        assert type(refusal_of(each, grant)) is refusal
        return
    grant()
    assert (each.state, each.leave_until_date) == (State.ADMITTED, until)
    assert deadline_of(each.state, leave_until_date=until, retained_until_date=None) == until


@pytest.mark.parametrize(
    ("kind", "latest"),
    [
        (RetentionKind.ARMY_SERVICE, date(2027, 9, 13)),
        (RetentionKind.ILLNESS, date(2024, 9, 10)),
        (RetentionKind.STARTUP, date(2024, 9, 10)),
    ],
)
def test_a_place_is_kept_for_a_year_or_for_the_army_for_four(
    kind: RetentionKind, latest: date
) -> None:
    def retain(each: Application, until: date) -> None:
        each.retain(
            party=BACK, batch=batch(OPEN), kind=kind, until=until, today=DEADLINE, policy=POLICY
        )

    for until in (DEADLINE, latest + DAY):
        each = admitted()
        refused = refusal_of(each, lambda: retain(each, until))  # noqa: B023 - called at once
        assert type(refused) is refusals.RetentionTooLong
        assert refused.metadata == {"latest": str(latest)}
    for until in (DEADLINE + DAY, latest):
        each = admitted()
        retain(each, until)
        assert (each.state, each.retention_kind, each.retained_until_date) == (
            State.RETAINED,
            kind,
            until,
        )


@pytest.mark.parametrize(
    ("leave_until", "today", "is_refused"),
    [
        (None, DEADLINE, False),
        (None, DEADLINE + DAY, True),
        (LEAVE_LATEST, LEAVE_LATEST, False),
        (LEAVE_LATEST, LEAVE_LATEST + DAY, True),
        (ARRIVAL_BEGIN, DEADLINE, False),
    ],
)
def test_keeping_a_place_is_applied_for_before_arrival_or_leave_is_over(
    leave_until: date | None, today: date, *, is_refused: bool
) -> None:
    each = admitted(leave_until_date=leave_until)

    def retain() -> None:
        each.retain(
            party=BACK,
            batch=batch(OPEN),
            kind=RetentionKind.ILLNESS,
            until=RETAINED_UNTIL,
            today=today,
            policy=POLICY,
        )

    if is_refused:
        assert type(refusal_of(each, retain)) is refusals.ArrivalOver
    else:
        retain()


@pytest.mark.parametrize(
    ("each", "last"),
    [
        (admitted(), DEADLINE),
        (admitted(leave_until_date=LEAVE_LATEST), LEAVE_LATEST),
        (admitted(leave_until_date=ARRIVAL_BEGIN), DEADLINE),
        (retained(), RETAINED_UNTIL),
        (retained(leave_until_date=LEAVE_LATEST), RETAINED_UNTIL),
    ],
    ids=["deadline", "leave", "leave before the deadline", "retained", "retained after leave"],
)
def test_a_place_is_taken_up_to_the_last_day_and_forfeited_from_the_next(
    each: Application, last: date
) -> None:
    where = batch(OPEN)
    early, late = _copy(each), _copy(each)
    refused = refusal_of(early, lambda: early.forfeit(party=BACK, batch=where, today=last))
    assert type(refused) is refusals.ArrivalNotOver
    late.forfeit(party=BACK, batch=where, today=last + DAY)
    assert (late.state, late.event) == (State.FORFEITED, Event.PLACE_FORFEITED)
    late, early = _copy(each), _copy(each)
    refused = refusal_of(late, lambda: _arrive_on(late, last + DAY))
    assert type(refused) is refusals.ArrivalOver
    _arrive_on(early, last)
    assert (early.state, early.arrive_date) == (State.ARRIVED, last)


def _arrive_on(each: Application, day: date) -> None:
    each.arrive(party=BACK, batch=batch(OPEN), arrive_date=day, today=LONG_AFTER)


def _copy(each: Application) -> Application:
    return Application(**vars(each))


@pytest.mark.parametrize("each", [admitted(), retained()], ids=["admitted", "retained"])
@pytest.mark.parametrize(
    ("arrive_date", "today", "is_refused"),
    [
        (ARRIVAL_BEGIN - DAY, DEADLINE, True),
        (ARRIVAL_BEGIN, DEADLINE, False),
        (ARRIVAL_BEGIN, ARRIVAL_BEGIN, False),
        # Nobody has arrived tomorrow.
        (ARRIVAL_BEGIN + DAY, ARRIVAL_BEGIN, True),
    ],
)
def test_arrival_is_recorded_from_the_first_day_on_and_not_in_advance(
    each: Application, arrive_date: date, today: date, *, is_refused: bool
) -> None:
    one = _copy(each)

    def arrive() -> None:
        one.arrive(party=BACK, batch=batch(OPEN), arrive_date=arrive_date, today=today)

    if is_refused:
        assert type(refusal_of(one, arrive)) is refusals.ArrivalNotOpen
    else:
        arrive()
        assert (one.state, one.event) == (State.ARRIVED, Event.APPLICATION_ARRIVED)


def _forfeit(each: Application, party: str, where: BatchState) -> None:
    each.forfeit(party=party, batch=batch(where), today=LONG_AFTER)


def _arrive(each: Application, party: str, where: BatchState) -> None:
    day = DEADLINE
    each.arrive(party=party, batch=batch(where), arrive_date=day, today=LONG_AFTER)


@pytest.mark.parametrize("change", [_forfeit, _arrive])
def test_only_admitted_or_retained_ones_arrive_or_forfeit_and_only_the_back_college_says_so(
    change: Any,
) -> None:
    for state in set(State) - {State.ADMITTED, State.RETAINED}:
        each = application(state)
        refused = refusal_of(each, lambda: change(each, BACK, OPEN))  # noqa: B023 - called at once
        assert type(refused) is refusals.ApplicationNotAdmitted, state
    for party in (FRONT, STRANGER):
        each = admitted()
        refused = refusal_of(each, lambda: change(each, party, OPEN))  # noqa: B023 - as above
        assert type(refused) is refusals.NotBackCollege


@pytest.mark.parametrize("change", [_forfeit, _arrive])
def test_a_retained_place_outlives_its_batch_and_an_admitted_one_waits_for_arrival(
    change: Any,
) -> None:
    change(retained(), BACK, BatchState.CLOSED)
    for where in set(BatchState) - {OPEN}:
        each = admitted()
        refused = refusal_of(each, lambda: change(each, BACK, where))  # noqa: B023 - called at once
        assert type(refused) is refusals.ArrivalNotOpen, where


@pytest.mark.parametrize(
    ("today", "is_refused"),
    [(date(2023, 12, 11), False), (date(2023, 12, 12), True)],
)
@pytest.mark.parametrize("state", [State.ARRIVED, State.REGISTERED])
def test_the_re_check_is_within_three_months_of_arrival(
    state: State, today: date, *, is_refused: bool
) -> None:
    each = application(state, arrive_date=DEADLINE)

    def cancel() -> None:
        each.cancel(party=BACK, sealed_reason=b"sealed", today=today, policy=POLICY)

    if is_refused:
        refused = refusal_of(each, cancel)
        assert type(refused) is refusals.RecheckOver
        assert refused.metadata == {"latest": "2023-12-11"}
    else:
        cancel()
        assert (each.state, each.sealed_decision_reason) == (State.CANCELLED, b"sealed")


def test_who_arrived_waits_for_enrollment_and_when_blocked_for_the_front_school() -> None:
    each = application(State.ARRIVED)
    assert holder_of(each.state, blocking_reason="") is Holder.ENROLLMENT
    each.block(reason="FRONT_NOT_GRADUATED")
    assert holder_of(each.state, blocking_reason=each.blocking_reason) is Holder.FRONT_SCHOOL
    each.event = None
    record_id = uuid4()
    each.register(status_record_id=record_id)
    assert (each.status_record_id, each.blocking_reason) == (record_id, "")


@pytest.mark.parametrize(
    ("birth_year", "guardian_consented", "is_refused"),
    [
        # Only the year is known: who turns 18 in this year may still be a minor.
        (2004, False, False),
        (2005, False, True),
        (2005, True, False),
        (2010, False, True),
    ],
)
def test_who_may_be_a_minor_withdraws_with_a_guardian(
    birth_year: int, *, guardian_consented: bool, is_refused: bool
) -> None:
    each = application(State.SUBMITTED, birth_year=birth_year)

    def withdraw() -> None:
        each.withdraw(
            party=FRONT,
            guardian_consented=guardian_consented,
            today=date(2023, 12, 31),
            policy=POLICY,
        )

    if is_refused:
        assert type(refusal_of(each, withdraw)) is refusals.GuardianConsentMissing
    else:
        withdraw()
        assert each.state is State.WITHDRAWN
