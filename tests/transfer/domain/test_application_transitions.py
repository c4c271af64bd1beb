"""Every transition of an application: from which states, by whom, in which batch; and to what.

The table is written from the description of the procedure, not from the code; each row is tried
in all states, by all parties and in all states of the batch.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from services.transfer.domain import refusals
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import (
    LIVE_ADMISSIONS,
    Diversion,
    RetentionKind,
    State,
    holder_of,
)
from services.transfer.domain.events import Event
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import Holder, PlaceMove, TransferBatch
from tests.transfer.aggregates import (
    BACK,
    COLLEAGUE,
    DEADLINE,
    FRONT,
    GOOD_MARKS,
    NOTICE_END,
    STRANGER,
    BatchState,
    application,
    batch,
    member,
    refusal_of,
)

POLICY = Policy()
ANY_BATCH = frozenset(BatchState)
Change = Callable[[Application, TransferBatch, str], PlaceMove | None]


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A row: how it is done, its states from and to, who may, and when the batch allows it."""

    change: Change
    ways: Mapping[State, State]
    event: Event
    otherwise: type[refusals.TransferRefusal]
    party: str | None
    batch_states: frozenset[BatchState] = ANY_BATCH
    batch_refusal: type[refusals.TransferRefusal] = refusals.TransferBatchStateWrong
    # Where the state says whose turn it is, the party is asked first.
    parties: Mapping[State, str] = field(default_factory=dict)

    def party_of(self, state: State) -> str | None:
        return self.parties.get(state, self.party)


def _qualify(each: Application, where: TransferBatch, party: str) -> None:
    each.qualify(party=party, batch=where, member=member())


def _assess(**result: Any) -> Change:
    given: dict[str, Any] = {
        "marks": (),
        "absent": False,
        "exempt": False,
        "sealed_exemption_ground": b"",
    } | result

    def change(each: Application, where: TransferBatch, party: str) -> None:
        each.assess(party=party, batch=where, **given)

    return change


def _leave(each: Application, where: TransferBatch, party: str) -> None:
    each.grant_leave(party=party, batch=where, until=DEADLINE, today=DEADLINE, policy=POLICY)


def _retain(each: Application, where: TransferBatch, party: str) -> None:
    until = date(2024, 9, 1)
    kind = RetentionKind.ILLNESS
    each.retain(party=party, batch=where, kind=kind, until=until, today=DEADLINE, policy=POLICY)


def _withdraw(each: Application, _where: TransferBatch, party: str) -> PlaceMove:
    return each.withdraw(party=party, guardian_consented=True, today=DEADLINE, policy=POLICY)


ASSESSMENT: dict[str, Any] = {
    "event": Event.APPLICATION_ASSESSED,
    "otherwise": refusals.ApplicationNotQualified,
    "party": BACK,
    "batch_states": frozenset({BatchState.QUALIFIED}),
}
TRANSITIONS = {
    "submit": Transition(
        change=lambda each, where, party: each.submit(party=party, actor=COLLEAGUE, batch=where),
        ways={State.DRAFT: State.SUBMITTED},
        event=Event.APPLICATION_SUBMITTED,
        otherwise=refusals.ApplicationNotDraft,
        party=FRONT,
        batch_states=frozenset({BatchState.REGISTRATION_OPEN}),
        batch_refusal=refusals.RegistrationNotOpen,
    ),
    "confirm": Transition(
        change=lambda each, _where, party: each.confirm(party=party, actor=COLLEAGUE),
        ways={State.SUBMITTED: State.FRONT_CONFIRMED},
        event=Event.APPLICATION_CONFIRMED,
        otherwise=refusals.ApplicationNotSubmitted,
        party=FRONT,
    ),
    "reject": Transition(
        change=lambda each, _where, party: each.reject(party=party, sealed_reason=b"sealed"),
        ways={
            State.SUBMITTED: State.FRONT_REJECTED,
            State.FRONT_CONFIRMED: State.BACK_REJECTED,
        },
        event=Event.APPLICATION_REJECTED,
        otherwise=refusals.ApplicationNotRejectable,
        party=None,
        parties={State.SUBMITTED: FRONT, State.FRONT_CONFIRMED: BACK},
    ),
    "qualify": Transition(
        change=_qualify,
        ways={State.FRONT_CONFIRMED: State.QUALIFIED},
        event=Event.APPLICATION_QUALIFIED,
        otherwise=refusals.ApplicationNotConfirmed,
        party=BACK,
        batch_states=frozenset({BatchState.REGISTRATION_OPEN}),
        batch_refusal=refusals.RegistrationNotOpen,
    ),
    "assess as met": Transition(
        change=_assess(marks=GOOD_MARKS), ways={State.QUALIFIED: State.ASSESSED_MET}, **ASSESSMENT
    ),
    "assess as absent": Transition(
        change=_assess(absent=True), ways={State.QUALIFIED: State.ABSENT}, **ASSESSMENT
    ),
    "assess as exempt": Transition(
        change=_assess(exempt=True, sealed_exemption_ground=b"sealed"),
        ways={State.QUALIFIED: State.EXEMPT},
        **ASSESSMENT,
    ),
    "object": Transition(
        change=lambda each, where, _party: each.object(batch=where, today=NOTICE_END),
        ways={State.PROPOSED: State.OBJECTED},
        event=Event.APPLICATION_OBJECTED,
        otherwise=refusals.ApplicationNotProposed,
        party=None,
        batch_states=frozenset({BatchState.PROPOSED_PUBLISHED}),
    ),
    "admit": Transition(
        change=lambda each, where, party: each.admit(
            party=party, batch=where, has_live_admission=False
        ),
        ways={State.PROPOSED: State.ADMITTED},
        event=Event.APPLICATION_ADMITTED,
        otherwise=refusals.ApplicationNotProposed,
        party=BACK,
        batch_states=frozenset({BatchState.ADMITTED}),
        batch_refusal=refusals.ApprovalNotRecorded,
    ),
    "refuse": Transition(
        change=lambda each, where, party: each.refuse(
            party=party, batch=where, sealed_reason=b"sealed"
        ),
        ways={State.PROPOSED: State.NOT_ADMITTED},
        event=Event.APPLICATION_REFUSED,
        otherwise=refusals.ApplicationNotProposed,
        party=BACK,
        batch_states=frozenset({BatchState.ADMITTED}),
        batch_refusal=refusals.ApprovalNotRecorded,
    ),
    "grant leave": Transition(
        change=_leave,
        ways={State.ADMITTED: State.ADMITTED},
        event=Event.LEAVE_GRANTED,
        otherwise=refusals.ApplicationNotAdmitted,
        party=BACK,
        batch_states=frozenset({BatchState.ARRIVAL_OPEN}),
        batch_refusal=refusals.ArrivalNotOpen,
    ),
    "retain": Transition(
        change=_retain,
        ways={State.ADMITTED: State.RETAINED},
        event=Event.PLACE_RETAINED,
        otherwise=refusals.ApplicationNotAdmitted,
        party=BACK,
        batch_states=frozenset({BatchState.ARRIVAL_OPEN}),
        batch_refusal=refusals.ArrivalNotOpen,
    ),
    "cancel": Transition(
        change=lambda each, _where, party: each.cancel(
            party=party, sealed_reason=b"sealed", today=DEADLINE, policy=POLICY
        ),
        ways={State.ARRIVED: State.CANCELLED, State.REGISTERED: State.CANCELLED},
        event=Event.APPLICATION_CANCELLED,
        otherwise=refusals.ApplicationNotArrived,
        party=BACK,
    ),
    "withdraw": Transition(
        change=_withdraw,
        ways=dict.fromkeys(
            (
                State.DRAFT,
                State.SUBMITTED,
                State.FRONT_CONFIRMED,
                State.QUALIFIED,
                State.ASSESSED_MET,
                State.EXEMPT,
                State.PROPOSED,
                State.OBJECTED,
            ),
            State.WITHDRAWN,
        ),
        event=Event.APPLICATION_WITHDRAWN,
        otherwise=refusals.ApplicationNotWithdrawable,
        party=FRONT,
    ),
    "divert": Transition(
        change=lambda each, _where, party: each.divert(
            party=party, diversion=Diversion.ORDINARY_EXAM
        ),
        ways=dict.fromkeys(
            (
                State.FRONT_REJECTED,
                State.BACK_REJECTED,
                State.ASSESSED_NOT_MET,
                State.ABSENT,
                State.NOT_PROPOSED,
                State.DISQUALIFIED,
                State.NOT_ADMITTED,
                State.FORFEITED,
                State.CANCELLED,
                State.WITHDRAWN,
            ),
            State.DIVERTED,
        ),
        event=Event.APPLICATION_DIVERTED,
        otherwise=refusals.ApplicationNotDivertible,
        party=FRONT,
    ),
    "register": Transition(
        change=lambda each, _where, _party: each.register(status_record_id=each.id),
        ways={State.ARRIVED: State.REGISTERED},
        event=Event.APPLICATION_REGISTERED,
        otherwise=refusals.ApplicationNotArrived,
        party=None,
    ),
    "block": Transition(
        change=lambda each, _where, _party: each.block(reason="FRONT_NOT_GRADUATED"),
        ways={State.ARRIVED: State.ARRIVED},
        event=Event.APPLICATION_BLOCKED,
        otherwise=refusals.ApplicationNotArrived,
        party=None,
    ),
}
each_transition = pytest.mark.parametrize("row", TRANSITIONS.values(), ids=TRANSITIONS)


def is_refused(
    row: Transition, each: Application, *, party: str, where: TransferBatch
) -> type[refusals.TransferRefusal]:
    """Return why a change is refused; it must leave everything as it was."""
    batch_before = deepcopy(where)
    refused = refusal_of(each, lambda: row.change(each, where, party))
    assert where == batch_before
    return type(refused)


def allowed_batch(row: Transition) -> TransferBatch:
    return batch(min(row.batch_states))


@each_transition
def test_a_transition_leads_from_its_states_to_the_next_and_is_one_event(row: Transition) -> None:
    for before, after in row.ways.items():
        for where in sorted(row.batch_states):
            each = application(before)
            version = each.version
            row.change(each, batch(where), row.party_of(before) or BACK)
            assert (each.state, each.event, each.version) == (after, row.event, version + 1)


@each_transition
def test_a_transition_is_refused_in_every_other_state(row: Transition) -> None:
    for state in set(State) - set(row.ways):
        party = row.party or BACK
        found = is_refused(row, application(state), party=party, where=allowed_batch(row))
        assert found is row.otherwise, state


@each_transition
def test_a_transition_is_refused_to_every_other_party(row: Transition) -> None:
    for state in row.ways:
        party = row.party_of(state)
        if party is None:
            continue
        refusal = refusals.NotFrontSchool if party == FRONT else refusals.NotBackCollege
        for other in {FRONT, BACK, STRANGER} - {party}:
            found = is_refused(row, application(state), party=other, where=allowed_batch(row))
            assert found is refusal, (state, other)


@each_transition
def test_a_transition_is_refused_while_the_batch_is_elsewhere(row: Transition) -> None:
    for state in row.ways:
        for elsewhere in ANY_BATCH - row.batch_states:
            party = row.party_of(state) or BACK
            found = is_refused(row, application(state), party=party, where=batch(elsewhere))
            assert found is row.batch_refusal, elsewhere


def test_no_state_is_left_without_a_way_but_the_ends() -> None:
    left = {state for row in TRANSITIONS.values() for state, to in row.ways.items() if to != state}
    # Ranking, objections, arrival and forfeit have tables of their own.
    left |= {State.ASSESSED_MET, State.EXEMPT, State.OBJECTED, State.ADMITTED, State.RETAINED}
    assert set(State) - left == {State.DIVERTED}


@pytest.mark.parametrize("state", State)
def test_everybody_who_waits_is_told_for_whom(state: State) -> None:
    ended = set(State) - {
        State.DRAFT,
        State.SUBMITTED,
        State.FRONT_CONFIRMED,
        State.QUALIFIED,
        State.ASSESSED_MET,
        State.EXEMPT,
        State.PROPOSED,
        State.OBJECTED,
        State.ADMITTED,
        State.RETAINED,
        State.ARRIVED,
    }
    assert (holder_of(state, blocking_reason="") is Holder.NOBODY) == (state in ended)


def test_live_admissions_are_the_states_after_admission_that_hold_a_place() -> None:
    assert {State.ADMITTED, State.RETAINED, State.ARRIVED, State.REGISTERED} == LIVE_ADMISSIONS
