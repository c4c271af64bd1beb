"""Places: every step moves them so that quota = free + reserved + admitted + lapsed stays true."""

from collections.abc import Callable
from datetime import date

import pytest

from services.transfer.domain.application import Application
from services.transfer.domain.application_states import LIVE_ADMISSIONS, RESERVING, State
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import PlaceMove
from tests.transfer.aggregates import BACK, FRONT, BatchState, application, batch

POLICY = Policy()
NOWHERE = PlaceMove()
AFTER = date(2023, 9, 30)
Change = Callable[[Application], PlaceMove | None]

CHANGES: dict[str, tuple[State, Change, PlaceMove]] = {
    "admit": (
        State.PROPOSED,
        lambda each: each.admit(
            party=BACK, batch=batch(BatchState.ADMITTED), has_live_admission=False
        ),
        PlaceMove(reserved=-1, admitted=1),
    ),
    "refuse": (
        State.PROPOSED,
        lambda each: each.refuse(
            party=BACK, batch=batch(BatchState.ADMITTED), sealed_reason=b"sealed"
        ),
        PlaceMove(reserved=-1, lapsed=1),
    ),
    "disqualify": (
        State.OBJECTED,
        lambda each: each.disqualify(sealed_reason=b"sealed"),
        PlaceMove(reserved=-1, lapsed=1),
    ),
    "forfeit": (
        State.ADMITTED,
        lambda each: each.forfeit(party=BACK, batch=batch(BatchState.ARRIVAL_OPEN), today=AFTER),
        PlaceMove(admitted=-1, lapsed=1),
    ),
    "cancel": (
        State.REGISTERED,
        lambda each: each.cancel(party=BACK, sealed_reason=b"sealed", today=AFTER, policy=POLICY),
        PlaceMove(admitted=-1, lapsed=1),
    ),
    **{
        f"withdraw {state}": (
            state,
            lambda each: each.withdraw(
                party=FRONT, guardian_consented=True, today=AFTER, policy=POLICY
            ),
            PlaceMove(reserved=-1, lapsed=1) if state in RESERVING else NOWHERE,
        )
        for state in (State.DRAFT, State.QUALIFIED, State.EXEMPT, State.PROPOSED, State.OBJECTED)
    },
}


def holds(state: State) -> PlaceMove:
    """Return the place that an applicant in a state holds."""
    if state in RESERVING:
        return PlaceMove(reserved=1)
    return PlaceMove(admitted=1) if state in LIVE_ADMISSIONS else NOWHERE


@pytest.mark.parametrize(("before", "change", "move"), CHANGES.values(), ids=CHANGES)
def test_a_step_moves_the_place_that_the_applicant_holds(
    before: State, change: Change, move: PlaceMove
) -> None:
    each = application(before)
    assert (change(each) or NOWHERE) == move
    held, kept = holds(before), holds(each.state)
    # What is no longer held lapses: it is never given to another.
    assert move.reserved == kept.reserved - held.reserved
    assert move.admitted == kept.admitted - held.admitted
    assert move.lapsed == -(move.reserved + move.admitted)


def test_places_are_conserved() -> None:
    each = batch(quota=30, reserved=5, admitted=3, lapsed=2)
    assert each.free == 20
    for move in [move for _, _, move in CHANGES.values()] + [PlaceMove(reserved=4)]:
        each.move_places(move)
        assert each.quota == each.free + each.reserved + each.admitted + each.lapsed
    assert each.free == 16
