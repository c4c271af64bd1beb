"""The agreement of two schools: in force by both approvals of one hash, and never by less."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.errors import DomainError
from services.enrollment.domain import pathway_project
from services.enrollment.domain.agreement_refusals import (
    AgreementEnding,
    AgreementNotInForce,
    AgreementPeriodReversed,
    NoExitNotice,
    NoTermsPending,
    NoticePeriodRunning,
    PathwayProjectEnded,
    TermsAlreadyApproved,
    TermsHashMismatch,
    TermsHeldByOtherSide,
    TermsUnchanged,
)
from services.enrollment.domain.agreement_terms import Terms
from services.enrollment.domain.cooperation_agreement import (
    CooperationAgreement,
    Revision,
    RevisionState,
    State,
)
from services.enrollment.domain.events import Event
from services.enrollment.domain.refusals import NotBackCollege
from tests.enrollment import made
from tests.enrollment.agreements import (
    DEADLINE,
    NOW,
    TERMS,
    TODAY,
    approve,
    concluded,
    drafted,
    hash_for,
    settled,
)

OTHER = replace(TERMS, class_count=1)
SIDES = (made.FRONT, made.BACK)


def propose(
    agreement: CooperationAgreement, party: str, terms: Terms = OTHER, today: date = TODAY
) -> None:
    agreement.propose(terms, party=party, now=NOW, today=today, deadline_date=DEADLINE)


def give_notice(agreement: CooperationAgreement, party: str = made.FRONT) -> None:
    agreement.give_exit_notice(
        party=party, exit_reason="专业调整", now=NOW, today=TODAY, notice_days=180
    )
    settled(agreement)


def test_the_lead_college_drafts_and_the_front_school_has_the_turn() -> None:
    agreement = drafted()
    assert (agreement.state, agreement.version) == (State.NEGOTIATING, 1)
    assert (agreement.holder, agreement.deadline_date) == (made.FRONT, DEADLINE)
    assert agreement.in_force is None
    with pytest.raises(NotBackCollege):
        drafted(party=made.FRONT)


def test_a_closed_project_has_no_new_agreement() -> None:
    project = made.approved_project()
    project.state = pathway_project.State.CLOSED
    with pytest.raises(PathwayProjectEnded):
        drafted(project=project)


def test_terms_do_not_end_before_they_begin() -> None:
    with pytest.raises(AgreementPeriodReversed):
        drafted(terms=replace(TERMS, valid_to_date=date(2020, 8, 31)))


@pytest.mark.parametrize("order", [SIDES, SIDES[::-1]])
def test_terms_are_in_force_when_both_sides_approved_their_hash(order: tuple[str, str]) -> None:
    agreement = drafted()
    first, second = order
    approve(agreement, first)
    assert (agreement.state, agreement.holder) == (State.NEGOTIATING, second)
    approve(agreement, second)
    assert agreement.state is State.IN_FORCE
    assert (agreement.holder, agreement.deadline_date, agreement.pending) == (None, None, None)
    assert agreement.in_force is not None
    assert agreement.in_force.terms_hash == hash_for(agreement, TERMS)


def test_an_approval_of_another_hash_is_told_both() -> None:
    agreement = drafted()
    wrong = hash_for(agreement, OTHER)
    with pytest.raises(TermsHashMismatch) as refused:
        agreement.approve(terms_hash=wrong, party=made.FRONT, now=NOW, deadline_date=DEADLINE)
    pending = hash_for(agreement, TERMS)
    assert refused.value.metadata == {"approved": wrong, "pending": pending}
    assert agreement.version == 1


def test_nobody_approves_twice_or_what_does_not_wait() -> None:
    agreement = drafted()
    approve(agreement, made.BACK)
    with pytest.raises(TermsAlreadyApproved):
        approve(agreement, made.BACK)
    with pytest.raises(NoTermsPending):
        approve(concluded(), made.BACK)


def test_an_edit_voids_the_approvals_at_once_and_passes_the_turn() -> None:
    agreement = drafted()
    approve(agreement, made.BACK)
    propose(agreement, made.FRONT)
    assert agreement.pending is not None
    assert agreement.pending.front_approve_time is None
    assert agreement.pending.back_approve_time is None
    assert [each.state for each in agreement.closed] == [RevisionState.VOIDED]
    assert agreement.holder == made.BACK
    settled(agreement)
    with pytest.raises(TermsHashMismatch):
        approve(agreement, made.BACK, TERMS)


def test_the_last_approved_terms_stay_in_force_until_both_approved_others() -> None:
    agreement = concluded()
    former = agreement.in_force
    propose(agreement, made.FRONT)
    settled(agreement)
    approve(agreement, made.FRONT, OTHER)
    assert (agreement.in_force, agreement.state) == (former, State.IN_FORCE)
    agreement.approve(
        terms_hash=hash_for(agreement, OTHER), party=made.BACK, now=NOW, deadline_date=DEADLINE
    )
    assert agreement.event is Event.COOPERATION_AGREEMENT_CONCLUDED
    assert [(each.number, each.state) for each in agreement.closed] == [
        (1, RevisionState.SUPERSEDED)
    ]
    assert agreement.in_force is not None
    assert agreement.in_force.number == 2


@pytest.mark.parametrize(
    ("party", "today", "is_refused"),
    [
        (made.FRONT, TODAY, False),
        (made.BACK, TODAY, True),
        (made.BACK, DEADLINE, True),
        # A side that lets its deadline pass does not keep the other from going on.
        (made.BACK, DEADLINE + timedelta(days=1), False),
    ],
)
def test_who_has_the_turn_changes_the_terms(party: str, today: date, *, is_refused: bool) -> None:
    agreement = drafted()
    if is_refused:
        with pytest.raises(TermsHeldByOtherSide):
            propose(agreement, party, today=today)
    else:
        propose(agreement, party, today=today)
        assert agreement.revision_count == 2


def test_the_same_terms_are_not_proposed_again() -> None:
    with pytest.raises(TermsUnchanged):
        propose(drafted(), made.FRONT, TERMS)
    with pytest.raises(TermsUnchanged):
        propose(concluded(), made.FRONT, TERMS)


@pytest.mark.parametrize(
    ("days", "is_refused"), [(0, True), (179, True), (180, False), (400, False)]
)
def test_one_side_leaves_after_the_notice_period_only(days: int, *, is_refused: bool) -> None:
    agreement = concluded()
    give_notice(agreement)
    assert agreement.state is State.EXITING
    assert agreement.in_force is not None
    today = TODAY + timedelta(days=days)
    if is_refused:
        with pytest.raises(NoticePeriodRunning):
            agreement.end(party=made.FRONT, now=NOW, today=today)
        return
    agreement.end(party=made.FRONT, now=NOW, today=today)
    assert [agreement.state, agreement.in_force] == [State.ENDED, None]
    assert [each.state for each in agreement.closed] == [RevisionState.ENDED]


def test_a_notice_is_of_the_side_that_gave_it() -> None:
    agreement = concluded()
    with pytest.raises(NoExitNotice):
        agreement.withdraw_exit_notice(party=made.FRONT)
    give_notice(agreement)
    with pytest.raises(NoExitNotice):
        agreement.withdraw_exit_notice(party=made.BACK)
    with pytest.raises(NoExitNotice):
        agreement.end(party=made.BACK, now=NOW, today=date(2022, 1, 1))
    agreement.withdraw_exit_notice(party=made.FRONT)
    assert (agreement.state, agreement.exit_party, agreement.exit_date) == (
        State.IN_FORCE,
        None,
        None,
    )


def test_a_notice_voids_what_waited_and_nothing_is_changed_after_it() -> None:
    agreement = concluded()
    propose(agreement, made.BACK)
    settled(agreement)
    give_notice(agreement, made.BACK)
    assert (agreement.pending, agreement.holder) == (None, None)
    with pytest.raises(AgreementEnding):
        propose(agreement, made.BACK)
    with pytest.raises(AgreementEnding):
        approve(agreement, made.FRONT, OTHER)
    with pytest.raises(AgreementNotInForce):
        give_notice(agreement)
    with pytest.raises(AgreementNotInForce):
        give_notice(drafted())


class Negotiation(RuleBasedStateMachine):
    """Two sides who do anything in any order, beside a model that knows only who approved what.

    Never is anything in force without the approvals of both sides of exactly its hash, given
    after it was proposed; never are two in force, nor two pending.
    """

    @initialize()
    def draft(self) -> None:
        self.agreement = drafted()
        self.today = TODAY
        self.history: dict[int, Revision] = {}
        # What each side has approved of the present proposal.
        self.approvals: set[tuple[str, str]] = set()
        self.expected: str | None = None
        self._remember()

    @rule(party=st.sampled_from(SIDES), classes=st.integers(1, 3))
    def propose(self, party: str, classes: int) -> None:
        terms = replace(TERMS, class_count=classes)
        if self._try(lambda: propose(self.agreement, party, terms, self.today)):
            self.approvals.clear()

    @rule(party=st.sampled_from(SIDES), classes=st.integers(1, 3))
    def approve(self, party: str, classes: int) -> None:
        terms_hash = hash_for(self.agreement, replace(TERMS, class_count=classes))
        facts: dict[str, Any] = {"terms_hash": terms_hash, "party": party, "now": NOW}
        if self._try(lambda: self.agreement.approve(**facts, deadline_date=DEADLINE)):
            self.approvals.add((party, terms_hash))
            if {(side, terms_hash) for side in SIDES} <= self.approvals:
                self.expected = terms_hash
                self.approvals.clear()

    @rule(party=st.sampled_from(SIDES))
    def give_notice(self, party: str) -> None:
        if self._try(
            lambda: self.agreement.give_exit_notice(
                party=party, exit_reason="1", now=NOW, today=self.today, notice_days=180
            )
        ):
            self.approvals.clear()

    @rule(party=st.sampled_from(SIDES))
    def withdraw_notice(self, party: str) -> None:
        self._try(lambda: self.agreement.withdraw_exit_notice(party=party))

    @precondition(lambda self: self.agreement.state is State.EXITING)
    @rule(party=st.sampled_from(SIDES))
    def end(self, party: str) -> None:
        if self._try(lambda: self.agreement.end(party=party, now=NOW, today=self.today)):
            assert self.today >= TODAY + timedelta(days=180)
            self.expected = None

    @rule(days=st.sampled_from([1, 40, 180]))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @invariant()
    def what_is_in_force_is_what_both_approved(self) -> None:
        found = self.agreement.in_force
        assert (None if found is None else found.terms_hash) == self.expected
        if found is not None:
            assert found.is_approved_by_both
            assert found.terms_hash == hash_for(self.agreement, Terms.parse(found.document))

    @invariant()
    def the_history_has_one_in_force_and_one_pending_at_most(self) -> None:
        states = [each.state for each in self.history.values()]
        assert states.count(RevisionState.IN_FORCE) == (self.agreement.in_force is not None)
        assert states.count(RevisionState.PENDING) == (self.agreement.pending is not None)
        assert sorted(self.history) == list(range(1, self.agreement.revision_count + 1))

    @invariant()
    def somebody_has_the_turn_while_something_waits(self) -> None:
        pending, holder = self.agreement.pending, self.agreement.holder
        assert (pending is None) == (holder is None) == (self.agreement.deadline_date is None)
        if pending is not None:
            times = {made.FRONT: pending.front_approve_time, made.BACK: pending.back_approve_time}
            assert times[str(holder)] is None
            assert {(side, pending.terms_hash) for side in SIDES if times[side]} == self.approvals

    def _try(self, change: Any) -> bool:
        version = self.agreement.version
        try:
            change()
        except DomainError:
            assert (self.agreement.version, self.agreement.event) == (version, None)
            return False
        assert self.agreement.version == version + 1
        self._remember()
        return True

    def _remember(self) -> None:
        """Keep every revision as a store would: the ended ones, then the present ones."""
        present = (self.agreement.in_force, self.agreement.pending)
        for revision in (*self.agreement.closed, *present):
            if revision is not None:
                self.history[revision.number] = replace(revision)
        settled(self.agreement)


TestNegotiation = Negotiation.TestCase
TestNegotiation.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
