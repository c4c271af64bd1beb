"""Who may apply, who may confirm, and that an application carries what later steps need."""

from typing import Any
from uuid import uuid4

import pytest

from services.transfer.domain import refusals
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import Diversion, State
from services.transfer.domain.events import Event
from tests.transfer.aggregates import (
    BACK,
    COLLEAGUE,
    FRONT,
    REGISTRAR,
    STRANGER,
    BatchState,
    application,
    batch,
    member,
    refusal_of,
)


def test_a_draft_takes_over_what_is_known_of_member_and_batch() -> None:
    of = member()
    drafted = Application.draft(new_id=uuid4(), batch=batch(), member=of, party=FRONT)
    assert (drafted.state, drafted.version, drafted.event) == (
        State.DRAFT,
        1,
        Event.APPLICATION_DRAFTED,
    )
    assert (drafted.member_id, drafted.person_id, drafted.birth_year) == (
        of.id,
        of.person_id,
        of.birth_year,
    )
    assert (drafted.front, drafted.back, drafted.transfer_year) == (FRONT, BACK, 2023)
    assert drafted.sealed_display_name == of.sealed_display_name


@pytest.mark.parametrize(
    ("party", "state", "changes", "refusal"),
    [
        (BACK, BatchState.REGISTRATION_OPEN, {}, refusals.NotFrontSchool),
        (STRANGER, BatchState.REGISTRATION_OPEN, {}, refusals.NotFrontSchool),
        *(
            (FRONT, state, {}, refusals.RegistrationNotOpen)
            for state in sorted(set(BatchState) - {BatchState.REGISTRATION_OPEN})
        ),
        (
            FRONT,
            BatchState.REGISTRATION_OPEN,
            {"project_id": uuid4()},
            refusals.MemberNotOfProject,
        ),
        (FRONT, BatchState.REGISTRATION_OPEN, {"state": "LEFT"}, refusals.MemberNotInPathway),
        (FRONT, BatchState.REGISTRATION_OPEN, {"state": "ENROLLED"}, refusals.MemberNotInPathway),
    ],
)
def test_an_application_is_not_drafted(
    party: str, state: BatchState, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        Application.draft(new_id=uuid4(), batch=batch(state), member=member(**changes), party=party)


@pytest.mark.parametrize("state", ["ACTIVE", "GRADUATED"])
def test_graduating_does_not_end_the_pathway(state: str) -> None:
    Application.draft(new_id=uuid4(), batch=batch(), member=member(state=state), party=FRONT)
    application(State.FRONT_CONFIRMED).qualify(
        party=BACK, batch=batch(), member=member(state=state)
    )


def test_who_left_the_pathway_since_is_not_qualified() -> None:
    each = application(State.FRONT_CONFIRMED)
    refused = refusal_of(
        each, lambda: each.qualify(party=BACK, batch=batch(), member=member(state="LEFT"))
    )
    assert type(refused) is refusals.MemberNotInPathway


def test_who_submitted_does_not_confirm() -> None:
    each = application(State.DRAFT)
    each.submit(party=FRONT, actor=REGISTRAR, batch=batch())
    each.event = None
    refused = refusal_of(each, lambda: each.confirm(party=FRONT, actor=REGISTRAR))
    assert type(refused) is refusals.SelfConfirmation
    each.confirm(party=FRONT, actor=COLLEAGUE)
    assert each.state is State.FRONT_CONFIRMED


@pytest.mark.parametrize(
    ("state", "party"), [(State.SUBMITTED, FRONT), (State.FRONT_CONFIRMED, BACK)]
)
def test_a_rejection_keeps_its_reason(state: State, party: str) -> None:
    each = application(state)
    each.reject(party=party, sealed_reason=b"sealed")
    assert each.sealed_decision_reason == b"sealed"


@pytest.mark.parametrize("diversion", Diversion)
def test_the_route_taken_instead_is_kept(diversion: Diversion) -> None:
    each = application(State.NOT_PROPOSED)
    each.divert(party=FRONT, diversion=diversion)
    assert each.diversion is diversion


def test_an_application_changes_once_in_a_command() -> None:
    each = application(State.DRAFT)
    each.submit(party=FRONT, actor=REGISTRAR, batch=batch())
    with pytest.raises(RuntimeError, match="in one command"):
        each.confirm(party=FRONT, actor=COLLEAGUE)


@pytest.mark.parametrize(
    ("state", "party", "refusal"),
    [
        (State.PROPOSED, BACK, refusals.LiveAdmissionExists),
        # Nobody else learns that there is one, and who has it here is told that.
        (State.PROPOSED, FRONT, refusals.NotBackCollege),
        (State.ADMITTED, BACK, refusals.ApplicationNotProposed),
    ],
)
def test_a_person_has_one_live_admission_a_year(
    state: State, party: str, refusal: type[Exception]
) -> None:
    each = application(state)
    where = batch(BatchState.ADMITTED)
    refused = refusal_of(
        each, lambda: each.admit(party=party, batch=where, has_live_admission=True)
    )
    assert type(refused) is refusal
