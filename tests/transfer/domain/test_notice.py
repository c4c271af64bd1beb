"""The public notice: how long it is, what may be objected to meanwhile, and what comes after."""

from datetime import date
from typing import Any

import pytest

from chassis.working_days import count_working_days
from services.transfer.domain import refusals
from services.transfer.domain.application_states import State
from services.transfer.domain.events import Event
from services.transfer.domain.objection import Objection
from services.transfer.domain.objection import State as ObjectionState
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import TransferBatch
from tests.transfer.aggregates import (
    BACK,
    COLLEAGUE,
    FRONT,
    NOTICE_BEGIN,
    NOTICE_END,
    REGISTRAR,
    STRANGER,
    BatchState,
    application,
    batch,
    objection,
    refusal_of,
)

AFTER_NOTICE = date(2023, 4, 15)


def publish(each: TransferBatch, *, begin: date, end: date, today: date) -> None:
    each.publish_proposal(
        party=BACK,
        begin=begin,
        end=end,
        today=today,
        policy=Policy(),
        count_working_days=count_working_days,
    )


@pytest.mark.parametrize(
    ("begin", "end", "today", "days"),
    [
        # Monday to Friday are five; one day less are four, whichever end lacks.
        (date(2023, 4, 10), date(2023, 4, 14), date(2023, 4, 10), None),
        (date(2023, 4, 10), date(2023, 4, 13), date(2023, 4, 10), "4"),
        (date(2023, 4, 11), date(2023, 4, 14), date(2023, 4, 10), "4"),
        # A weekend adds none.
        (date(2023, 4, 10), date(2023, 4, 13), date(2023, 4, 8), "4"),
        (date(2023, 4, 8), date(2023, 4, 14), date(2023, 4, 8), None),
        (date(2023, 4, 8), date(2023, 4, 13), date(2023, 4, 8), "4"),
        # 清明 2023: Wednesday 5 April is off.
        (date(2023, 4, 3), date(2023, 4, 7), date(2023, 4, 3), "4"),
        (date(2023, 4, 3), date(2023, 4, 10), date(2023, 4, 3), None),
        # 劳动节 2023: Sunday 23 April and Saturday 6 May are worked for 2 and 3 May off.
        (date(2023, 4, 23), date(2023, 4, 27), date(2023, 4, 20), None),
        (date(2023, 4, 28), date(2023, 5, 6), date(2023, 4, 20), "4"),
        (date(2023, 4, 10), date(2023, 4, 10), date(2023, 4, 10), "1"),
        # Reversed, and of another year.
        (date(2023, 4, 14), date(2023, 4, 10), date(2023, 4, 10), "0"),
        # What lies before today is no notice.
        (date(2023, 3, 6), date(2023, 3, 31), date(2023, 4, 10), "0"),
        (date(2023, 4, 3), date(2023, 4, 14), date(2023, 4, 11), "4"),
        (date(2023, 4, 3), date(2023, 4, 14), date(2023, 4, 10), None),
    ],
)
def test_a_notice_has_five_working_days_from_today_on(
    begin: date, end: date, today: date, days: str | None
) -> None:
    each = batch(BatchState.SCORES_LOCKED)
    if days is None:
        publish(each, begin=begin, end=end, today=today)
        assert (each.notice_begin_date, each.notice_end_date) == (begin, end)
        return
    refused = refusal_of(each, lambda: publish(each, begin=begin, end=end, today=today))
    assert type(refused) is refusals.NoticeTooShort
    assert refused.metadata == {"days": days, "minimum": "5"}


@pytest.mark.parametrize(
    ("today", "open_objections", "refusal"),
    [
        (NOTICE_BEGIN, 0, refusals.NoticeNotOver),
        (NOTICE_END, 0, refusals.NoticeNotOver),
        (AFTER_NOTICE, 0, None),
        (AFTER_NOTICE, 1, refusals.ObjectionOpen),
        (NOTICE_END, 1, refusals.NoticeNotOver),
    ],
)
def test_a_list_is_reported_when_the_notice_is_over_and_no_objection_open(
    today: date, open_objections: int, refusal: type[Exception] | None
) -> None:
    each = batch(BatchState.PROPOSED_PUBLISHED)

    def report() -> None:
        each.report(party=BACK, today=today, open_objections=open_objections)

    if refusal is None:
        report()
        assert each.state is BatchState.REPORTED
    else:
        assert type(refusal_of(each, report)) is refusal


@pytest.mark.parametrize(
    ("today", "is_refused"),
    [
        (date(2023, 4, 9), True),
        (NOTICE_BEGIN, False),
        (NOTICE_END, False),
        (AFTER_NOTICE, True),
    ],
)
def test_objections_are_taken_from_the_first_to_the_last_day(
    today: date, *, is_refused: bool
) -> None:
    each = application(State.PROPOSED)
    where = batch(BatchState.PROPOSED_PUBLISHED)
    if is_refused:
        refused = refusal_of(each, lambda: each.object(batch=where, today=today))
        assert type(refused) is refusals.NoticeOver
        assert refused.metadata == {"begin": "2023-04-10", "end": "2023-04-14"}
    else:
        each.object(batch=where, today=today)
        assert each.state is State.OBJECTED


@pytest.mark.parametrize("party", [FRONT, BACK])
def test_either_school_records_an_objection(party: str) -> None:
    against = application(State.PROPOSED)
    raised = Objection.raise_against(
        new_id=against.id,
        application=against,
        sealed_ground=b"sealed",
        party=party,
        actor=REGISTRAR,
    )
    assert (raised.state, raised.event, raised.version) == (
        ObjectionState.OPEN,
        Event.OBJECTION_RAISED,
        1,
    )
    assert (raised.application_id, raised.front, raised.back) == (against.id, FRONT, BACK)


def test_a_stranger_records_none() -> None:
    against = application(State.PROPOSED)
    with pytest.raises(refusals.NotAParty):
        Objection.raise_against(
            new_id=against.id,
            application=against,
            sealed_ground=b"sealed",
            party=STRANGER,
            actor=REGISTRAR,
        )


@pytest.mark.parametrize(
    ("upheld", "state"), [(True, ObjectionState.UPHELD), (False, ObjectionState.DISMISSED)]
)
def test_the_back_college_decides(state: ObjectionState, *, upheld: bool) -> None:
    each = objection()
    each.resolve(party=BACK, actor=COLLEAGUE, upheld=upheld, sealed_decision=b"sealed")
    assert (each.state, each.sealed_decision, each.event, each.version) == (
        state,
        b"sealed",
        Event.OBJECTION_RESOLVED,
        2,
    )


@pytest.mark.parametrize(
    ("changes", "facts", "refusal"),
    [
        ({}, {"party": FRONT}, refusals.NotBackCollege),
        ({}, {"party": STRANGER}, refusals.NotBackCollege),
        ({}, {"actor": REGISTRAR}, refusals.SelfResolution),
        ({"state": ObjectionState.UPHELD}, {}, refusals.ObjectionAlreadyResolved),
        ({"state": ObjectionState.DISMISSED}, {}, refusals.ObjectionAlreadyResolved),
    ],
)
def test_an_objection_is_not_decided(
    changes: dict[str, Any], facts: dict[str, Any], refusal: type[Exception]
) -> None:
    each = objection(**changes)
    given: dict[str, Any] = {
        "party": BACK,
        "actor": COLLEAGUE,
        "upheld": True,
        "sealed_decision": b"x",
    }
    assert type(refusal_of(each, lambda: each.resolve(**given | facts))) is refusal


def test_a_dismissed_objection_leaves_the_applicant_proposed_in_the_same_place() -> None:
    each = application(State.OBJECTED, rank=7)
    each.dismiss_objection()
    assert (each.state, each.rank) == (State.PROPOSED, 7)
    assert each.event is Event.APPLICATION_OBJECTION_DISMISSED


@pytest.mark.parametrize("state", sorted(set(State) - {State.OBJECTED}))
def test_an_objection_settles_nothing_about_an_applicant_who_left(state: State) -> None:
    each = application(state)
    for settle in (each.dismiss_objection, lambda: each.disqualify(sealed_reason=b"sealed")):
        assert type(refusal_of(each, settle)) is refusals.ApplicationNotProposed
