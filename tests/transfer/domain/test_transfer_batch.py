"""The way of a batch: its steps in order, who takes them, and what must be settled before each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from chassis.working_days import count_working_days
from services.transfer.domain import refusals
from services.transfer.domain.events import Event
from services.transfer.domain.policy import Policy
from services.transfer.domain.refusals import TransferRefusal
from services.transfer.domain.transfer_batch import Holder, TransferBatch, holder_of
from tests.transfer.aggregates import (
    ARRIVAL_BEGIN,
    BACK,
    DEADLINE,
    FRONT,
    NOTICE_BEGIN,
    NOTICE_END,
    SCHEME,
    STRANGER,
    BatchState,
    batch,
    component,
    project,
    refusal_of,
)

NOBODY_WAITS: Mapping[str, int] = {}
POLICY = Policy()
AFTER_NOTICE = date(2023, 4, 15)
DAY = timedelta(days=1)
Step = Callable[[TransferBatch, str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A step of the back college: from which state to which, and its event."""

    step: Step
    before: BatchState
    after: BatchState
    event: Event


def _publish(each: TransferBatch, party: str, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "begin": NOTICE_BEGIN,
        "end": NOTICE_END,
        "today": NOTICE_BEGIN,
        "policy": POLICY,
        "count_working_days": count_working_days,
    }
    each.publish_proposal(party=party, **facts | changes)


def _open_arrival(each: TransferBatch, party: str, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "begin": ARRIVAL_BEGIN,
        "deadline": DEADLINE,
        "today": ARRIVAL_BEGIN,
        "undecided": NOBODY_WAITS,
    }
    each.open_arrival(party=party, **facts | changes)


STEPS = (
    Row(
        step=lambda each, party: each.file_plan(party=party),
        before=BatchState.DRAFT,
        after=BatchState.PLAN_FILED,
        event=Event.TRANSFER_PLAN_FILED,
    ),
    Row(
        step=lambda each, party: each.open_registration(party=party),
        before=BatchState.PLAN_FILED,
        after=BatchState.REGISTRATION_OPEN,
        event=Event.REGISTRATION_OPENED,
    ),
    Row(
        step=lambda each, party: each.close_registration(party=party, undecided=NOBODY_WAITS),
        before=BatchState.REGISTRATION_OPEN,
        after=BatchState.QUALIFIED,
        event=Event.REGISTRATION_CLOSED,
    ),
    Row(
        step=lambda each, party: each.close_assessment(party=party, undecided=NOBODY_WAITS),
        before=BatchState.QUALIFIED,
        after=BatchState.ASSESSED,
        event=Event.ASSESSMENT_CLOSED,
    ),
    Row(
        step=lambda each, party: each.lock_scores(party=party),
        before=BatchState.ASSESSED,
        after=BatchState.SCORES_LOCKED,
        event=Event.SCORES_LOCKED,
    ),
    Row(
        step=_publish,
        before=BatchState.SCORES_LOCKED,
        after=BatchState.PROPOSED_PUBLISHED,
        event=Event.PROPOSAL_PUBLISHED,
    ),
    Row(
        step=lambda each, party: each.report(party=party, today=AFTER_NOTICE, open_objections=0),
        before=BatchState.PROPOSED_PUBLISHED,
        after=BatchState.REPORTED,
        event=Event.TRANSFER_BATCH_REPORTED,
    ),
    Row(
        step=lambda each, party: each.record_approval(party=party, approval_number="1"),
        before=BatchState.REPORTED,
        after=BatchState.ADMITTED,
        event=Event.AUTHORITY_APPROVAL_RECORDED,
    ),
    Row(
        step=_open_arrival,
        before=BatchState.ADMITTED,
        after=BatchState.ARRIVAL_OPEN,
        event=Event.ARRIVAL_OPENED,
    ),
    Row(
        step=lambda each, party: each.close(party=party, undecided=NOBODY_WAITS),
        before=BatchState.ARRIVAL_OPEN,
        after=BatchState.CLOSED,
        event=Event.TRANSFER_BATCH_CLOSED,
    ),
)
each_step = pytest.mark.parametrize("row", STEPS, ids=lambda row: str(row.event))


@each_step
def test_a_step_leads_to_the_next_state_and_is_one_event(row: Row) -> None:
    each = batch(row.before)
    row.step(each, BACK)
    assert (each.state, each.event, each.version) == (row.after, row.event, 6)


@each_step
def test_a_step_is_taken_only_from_its_state_and_says_both(row: Row) -> None:
    for state in set(BatchState) - {row.before}:
        refused = refusal_of(each := batch(state), lambda: row.step(each, BACK))
        assert type(refused) is refusals.TransferBatchStateWrong
        assert refused.metadata == {"actual": state, "expected": row.before}


@each_step
@pytest.mark.parametrize("party", [FRONT, STRANGER])
def test_only_the_back_college_takes_a_step(row: Row, party: str) -> None:
    each = batch(row.before)
    refused = refusal_of(each, lambda: row.step(each, party))
    assert type(refused) is refusals.NotBackCollege
    assert refused.metadata == {"party": party}


def test_the_steps_lead_from_draft_to_close_without_a_gap() -> None:
    ways = {row.before: row.after for row in STEPS}
    reached = [BatchState.DRAFT]
    while reached[-1] in ways:
        reached.append(ways[reached[-1]])
    assert reached == list(BatchState)


@pytest.mark.parametrize(
    ("state", "close"),
    [
        (BatchState.REGISTRATION_OPEN, TransferBatch.close_registration),
        (BatchState.QUALIFIED, TransferBatch.close_assessment),
        (BatchState.ARRIVAL_OPEN, TransferBatch.close),
        (
            BatchState.ADMITTED,
            lambda each, **facts: each.open_arrival(
                begin=DEADLINE, deadline=DEADLINE, today=DEADLINE, **facts
            ),
        ),
    ],
)
def test_a_phase_does_not_end_while_an_application_waits(
    state: BatchState, close: Callable[..., None]
) -> None:
    each = batch(state)
    waiting = {"SUBMITTED": 2, "DRAFT": 1, "QUALIFIED": 0}
    refused = refusal_of(each, lambda: close(each, party=BACK, undecided=waiting))
    assert type(refused) is refusals.ApplicationsUndecided
    assert refused.metadata == {"count": "3", "states": "DRAFT, SUBMITTED"}


def test_a_batch_is_drafted_by_the_back_college_of_an_approved_project() -> None:
    drafted = TransferBatch.draft(
        new_id=project().id, project=project(), quota=40, scheme=SCHEME, party=BACK
    )
    assert (drafted.state, drafted.event, drafted.version) == (
        BatchState.DRAFT,
        Event.TRANSFER_BATCH_DRAFTED,
        1,
    )
    assert (drafted.plan, drafted.quota, drafted.free) == (40, 40, 40)
    assert not drafted.front_signed
    assert not drafted.back_signed


@pytest.mark.parametrize(
    ("changes", "facts", "refusal"),
    [
        ({}, {"party": FRONT}, refusals.NotBackCollege),
        ({}, {"party": STRANGER}, refusals.NotBackCollege),
        ({"is_approved": False}, {}, refusals.PathwayProjectNotApproved),
        ({}, {"quota": 41}, refusals.QuotaAbovePlan),
    ],
)
def test_a_batch_is_not_drafted(
    changes: dict[str, Any], facts: dict[str, Any], refusal: type[Exception]
) -> None:
    given: dict[str, Any] = {"quota": 40, "scheme": SCHEME, "party": BACK} | facts
    with pytest.raises(refusal):
        TransferBatch.draft(new_id=project().id, project=project(**changes), **given)


def test_a_batch_is_not_drafted_with_a_broken_scheme() -> None:
    scheme = type(SCHEME)(components=(component("a", 99),), minimum_total_hundredths=0)
    with pytest.raises(refusals.WeightsNotHundred):
        TransferBatch.draft(
            new_id=project().id, project=project(), quota=1, scheme=scheme, party=BACK
        )


def test_each_side_signs_once_and_no_stranger_does() -> None:
    each = batch(BatchState.DRAFT, front_signed=False, back_signed=False)
    each.sign(party=FRONT)
    assert (each.front_signed, each.back_signed) == (True, False)
    each.event = None
    assert type(refusal_of(each, lambda: each.sign(party=FRONT))) is refusals.SchemeAlreadySigned
    assert type(refusal_of(each, lambda: each.sign(party=STRANGER))) is refusals.NotAParty
    each.sign(party=BACK)
    assert each.back_signed
    each.event = None
    assert type(refusal_of(each, lambda: each.sign(party=BACK))) is refusals.SchemeAlreadySigned


@pytest.mark.parametrize("state", sorted(set(BatchState) - {BatchState.DRAFT}))
def test_nothing_is_signed_after_the_draft(state: BatchState) -> None:
    each = batch(state, front_signed=False)
    refused = refusal_of(each, lambda: each.sign(party=FRONT))
    assert type(refused) is refusals.TransferBatchStateWrong


@pytest.mark.parametrize(
    ("front_signed", "back_signed", "missing"),
    [(False, False, "siyang, szai"), (True, False, "szai"), (False, True, "siyang")],
)
def test_a_plan_is_not_filed_before_both_sides_signed(
    *, front_signed: bool, back_signed: bool, missing: str
) -> None:
    each = batch(BatchState.DRAFT, front_signed=front_signed, back_signed=back_signed)
    refused = refusal_of(each, lambda: each.file_plan(party=BACK))
    assert type(refused) is refusals.SchemeNotSigned
    assert refused.metadata == {"missing": missing}


@pytest.mark.parametrize(
    ("begin", "deadline", "today", "refusal"),
    [
        (ARRIVAL_BEGIN, ARRIVAL_BEGIN, ARRIVAL_BEGIN, None),
        (ARRIVAL_BEGIN, date(2023, 9, 1), date(2023, 9, 1), refusals.ArrivalPeriodReversed),
        (ARRIVAL_BEGIN, DEADLINE, DEADLINE, None),
        (ARRIVAL_BEGIN, DEADLINE, DEADLINE + DAY, refusals.ArrivalDeadlinePassed),
    ],
)
def test_arrival_ends_neither_before_it_begins_nor_before_today(
    begin: date, deadline: date, today: date, refusal: type[TransferRefusal] | None
) -> None:
    each = batch(BatchState.ADMITTED, arrival_begin_date=None, arrival_deadline_date=None)

    def open_arrival() -> None:
        _open_arrival(each, BACK, begin=begin, deadline=deadline, today=today)

    if refusal is not None:
        assert type(refusal_of(each, open_arrival)) is refusal
    else:
        open_arrival()
        assert (each.arrival_begin_date, each.arrival_deadline_date) == (begin, deadline)


def test_a_batch_changes_once_in_a_command() -> None:
    each = batch(BatchState.ASSESSED)
    each.lock_scores(party=BACK)
    with pytest.raises(RuntimeError, match="in one command"):
        _publish(each, BACK)


@pytest.mark.parametrize("state", BatchState)
def test_somebody_holds_every_batch_that_is_not_closed(state: BatchState) -> None:
    assert (holder_of(state) is Holder.NOBODY) == (state is BatchState.CLOSED)
    assert holder_of(BatchState.REPORTED) is Holder.EXAM_AUTHORITY
