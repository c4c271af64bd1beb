"""The steps of internships: which follows which, on which days, and whose they are."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import internship_refusals as refusals
from services.enrollment.domain.events import Event
from services.enrollment.domain.internship import Internship, Signer, State, check_apart
from services.enrollment.domain.policies import Place
from services.enrollment.domain.status_record import State as RecordState
from tests.enrollment import made, practice
from tests.enrollment.practice import (
    END,
    MINOR,
    START,
    agreed,
    minority,
    planned,
    running,
    sign,
)

DAY = timedelta(days=1)


def completed() -> Internship:
    internship = running()
    internship.complete(party=made.FRONT, learning_outcome_id=None, today=END)
    return practice.settled(internship)


def broken_off(on: date | None = None, made_by: Callable[[], Internship] = running) -> Internship:
    internship = made_by()
    internship.break_off(party=made.FRONT, break_off_date=on, reason="企业停产", today=END)
    return practice.settled(internship)


def start(internship: Internship, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "party": made.FRONT,
        "record_state": RecordState.IN_SCHOOL,
        "minority": minority(),
        "today": START,
    }
    internship.start(**{**facts, **changes})


def extend(internship: Internship, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "party": made.FRONT,
        "end_date": date(2023, 8, 31),
        "filing_number": "备2023-7",
        "policies": practice.POLICIES,
        "place": Place("32"),
        "others": [internship],
        "today": date(2023, 6, 1),
    }
    internship.extend(**{**facts, **changes})


def complete(internship: Internship, **changes: Any) -> None:
    facts = {"party": made.FRONT, "learning_outcome_id": None, "today": END}
    internship.complete(**{**facts, **changes})


def break_off(internship: Internship, **changes: Any) -> None:
    facts = {"party": made.FRONT, "break_off_date": START, "reason": "停产", "today": END}
    internship.break_off(**{**facts, **changes})


def resign(internship: Internship, **changes: Any) -> None:
    sign(internship, Signer.SCHOOL, **changes)


STEPS: dict[Callable[..., None], tuple[Event, set[State]]] = {
    resign: (Event.INTERNSHIP_SIGNED, {State.PLANNED}),
    start: (Event.INTERNSHIP_STARTED, {State.AGREED}),
    extend: (Event.INTERNSHIP_EXTENDED, {State.RUNNING}),
    complete: (Event.INTERNSHIP_COMPLETED, {State.RUNNING}),
    break_off: (Event.INTERNSHIP_BROKEN_OFF, {State.PLANNED, State.AGREED, State.RUNNING}),
}
MADE: dict[State, Callable[[], Internship]] = {
    State.PLANNED: planned,
    State.AGREED: agreed,
    State.RUNNING: running,
    State.COMPLETED: completed,
    State.BROKEN_OFF: lambda: broken_off(START),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", STEPS, ids=lambda each: str(each.__name__))
def test_each_step_follows_its_states_and_no_other(step: Callable[..., None], state: State) -> None:
    internship = MADE[state]()
    event, states = STEPS[step]
    if state not in states:
        with pytest.raises(refusals.InternshipNotAtStep):
            step(internship)
        return
    step(internship)
    if step is not resign:
        assert internship.event is event


@pytest.mark.parametrize(
    "step", [start, extend, complete, break_off], ids=lambda each: each.__name__
)
def test_the_steps_are_the_schools(step: Callable[..., None]) -> None:
    internship = agreed() if step is start else running()
    with pytest.raises(refusals.NotSchoolOfInternship):
        step(internship, party=practice.EMPLOYER)


@pytest.mark.parametrize(
    ("make", "step", "changes", "verdict"),
    [
        (agreed, start, {"today": START - DAY}, refusals.InternshipNotDue),
        (agreed, start, {"today": END}, None),
        (agreed, start, {"record_state": RecordState.AWAY}, refusals.InternNotInSchool),
        (agreed, start, {"today": END + DAY}, refusals.InternshipNotDue),
        # The consent was withdrawn after the signature.
        (
            agreed,
            start,
            {"minority": minority(birth_date=MINOR)},
            refusals.GuardianConsentMissing,
        ),
        (running, complete, {"today": END - DAY}, refusals.InternshipNotDue),
        (running, complete, {"today": END}, None),
        (running, extend, {"filing_number": ""}, refusals.FilingNumberMissing),
        (running, extend, {"end_date": END}, refusals.InternshipDatesWrong),
        (running, break_off, {"break_off_date": None}, refusals.BreakOffDateWrong),
        (running, break_off, {"break_off_date": START - DAY}, refusals.BreakOffDateWrong),
        (running, break_off, {"break_off_date": END}, None),
        (
            running,
            break_off,
            {"break_off_date": date(2023, 3, 2), "today": date(2023, 3, 1)},
            refusals.BreakOffDateWrong,
        ),
        (planned, break_off, {"break_off_date": None}, None),
    ],
)
def test_the_days_of_the_steps(
    make: Callable[[], Internship],
    step: Callable[..., None],
    changes: dict[str, Any],
    verdict: type[DomainError] | None,
) -> None:
    internship = make()
    if verdict is None:
        step(internship, **changes)
    else:
        with pytest.raises(verdict):
            step(internship, **changes)


def test_an_extension_is_kept_with_its_number() -> None:
    internship = running()
    extend(internship)
    (kept,) = internship.extensions
    assert (kept.previous_end_date, kept.end_date, internship.end_date) == (
        END,
        date(2023, 8, 31),
        date(2023, 8, 31),
    )
    assert kept.filing_number == "备2023-7"


# Each is held against one from START to END.
APART: list[tuple[str, date, date, bool]] = [
    ("the day before ends it", date(2022, 12, 1), START - DAY, True),
    ("the first day is taken", date(2022, 12, 1), START, False),
    ("a day within is taken", date(2023, 3, 1), date(2023, 3, 1), False),
    ("around it is taken", START - DAY, END + DAY, False),
    ("the last day is taken", END, END + DAY, False),
    ("the day after is free", END + DAY, date(2023, 12, 1), True),
]


@pytest.mark.parametrize(("case", "first", "last", "is_free"), APART, ids=[a[0] for a in APART])
@pytest.mark.parametrize("make", [planned, agreed, running, completed])
def test_a_student_is_at_one_post_on_each_day(
    case: str, first: date, last: date, make: Callable[[], Internship], *, is_free: bool
) -> None:
    assert case
    if is_free:
        check_apart(first, last, [make()])
    else:
        with pytest.raises(refusals.InternshipOverlaps):
            check_apart(first, last, [make()])


def test_what_was_broken_off_holds_the_days_that_it_had() -> None:
    until = broken_off(date(2023, 3, 1))
    check_apart(date(2023, 3, 2), END, [until])
    with pytest.raises(refusals.InternshipOverlaps):
        check_apart(date(2023, 3, 1), END, [until])
    check_apart(START, END, [broken_off(None, planned), broken_off(START, agreed)])


def test_a_plan_and_an_extension_look_at_the_students_other_internships() -> None:
    with pytest.raises(refusals.InternshipOverlaps):
        planned((running(),))
    later = planned(start_date=date(2023, 8, 1), end_date=date(2023, 8, 31))
    internship = running()
    with pytest.raises(refusals.InternshipOverlaps):
        extend(internship, others=[internship, later])
