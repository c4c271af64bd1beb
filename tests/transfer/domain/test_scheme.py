"""The assessment scheme: what may be filed, exact totals, gates, and which marks are complete."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transfer.domain import refusals
from services.transfer.domain.application_states import State
from services.transfer.domain.scheme import Mark, Scheme, SchemeComponent
from tests.transfer.aggregates import (
    BACK,
    GOOD_MARKS,
    SCHEME,
    BatchState,
    application,
    batch,
    component,
    marks,
    refusal_of,
)


def scheme(*components: SchemeComponent, minimum: int = 0) -> Scheme:
    return Scheme(components=components, minimum_total_hundredths=minimum)


@pytest.mark.parametrize(
    ("components", "refusal", "metadata"),
    [
        ([component("a", 99)], refusals.WeightsNotHundred, {"total": "99"}),
        ([component("a", 50), component("b", 51)], refusals.WeightsNotHundred, {"total": "101"}),
        ([], refusals.WeightsNotHundred, {"total": "0"}),
        (
            [component("a", 50), component("a", 50)],
            refusals.ComponentRepeated,
            {"component": "a"},
        ),
        (
            [component("a", 100, full_mark_hundredths=10, pass_mark_hundredths=11)],
            refusals.PassMarkAboveFullMark,
            {"component": "a"},
        ),
    ],
)
def test_a_scheme_is_refused(
    components: list[SchemeComponent], refusal: type[Exception], metadata: dict[str, str]
) -> None:
    with pytest.raises(refusals.TransferRefusal) as raised:
        scheme(*components).check()
    assert (type(raised.value), raised.value.metadata) == (refusal, metadata)


def test_a_pass_mark_may_be_the_full_mark_and_a_weight_nothing() -> None:
    scheme(
        component("a", 100, full_mark_hundredths=10, pass_mark_hundredths=10), component("gate", 0)
    ).check()


@pytest.mark.parametrize(
    ("given_marks", "total"),
    [
        ({"culture": 0, "skills": 0}, 0),
        ({"culture": 10_000, "skills": 10_000}, 10_000),
        # 40 % of 70.00 and 60 % of 80.00.
        ({"culture": 7_000, "skills": 8_000}, 7_600),
        # 40 % of 0.01 is 0.004 and 60 % is 0.006: a hundredth is rounded once, of the sum.
        ({"culture": 1, "skills": 0}, 0),
        ({"culture": 0, "skills": 1}, 1),
        ({"culture": 1, "skills": 1}, 1),
        ({"culture": 2, "skills": 1}, 1),
        ({"culture": 1, "skills": 2}, 2),
    ],
)
def test_totals_are_weighted_and_rounded_once(given_marks: dict[str, int], total: int) -> None:
    assert SCHEME.total_hundredths(marks(**given_marks)) == total


@pytest.mark.parametrize(
    ("mark", "total"),
    # A half hundredth goes up, never to the even neighbour: 50 % of 0.01, 0.03, 0.05.
    [(1, 1), (3, 2), (5, 3), (2, 1), (4, 2)],
)
def test_a_half_is_rounded_up(mark: int, total: int) -> None:
    halves = scheme(component("a", 50), component("b", 50))
    assert halves.total_hundredths(marks(a=mark, b=0)) == total


def test_full_marks_need_not_be_alike() -> None:
    mixed = scheme(
        component("chinese", 30, full_mark_hundredths=15_000),
        component("skills", 70, full_mark_hundredths=23_000),
    )
    # 30 x 100.00 / 150.00 + 70 x 138.00 / 230.00 = 20 + 42.
    assert mixed.total_hundredths(marks(chinese=10_000, skills=13_800)) == 6_200
    # A third of 30 is exact; two thirds of 1 % are not.
    assert mixed.total_hundredths(marks(chinese=5_000, skills=0)) == 1_000


@given(st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_totals_are_exact_whatever_the_scheme(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 6))
    cuts = sorted(data.draw(st.lists(st.integers(0, 100), min_size=count - 1, max_size=count - 1)))
    weights = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    components = [
        component(f"c{i}", weight, full_mark_hundredths=data.draw(st.integers(1, 100_000)))
        for i, weight in enumerate(weights)
    ]
    given_marks = [
        Mark(
            component_id=each.component_id,
            mark_hundredths=data.draw(st.integers(0, each.full_mark_hundredths)),
        )
        for each in components
    ]
    exact = sum(
        Fraction(each.weight * 100 * mark.mark_hundredths, each.full_mark_hundredths)
        for each, mark in zip(components, given_marks, strict=True)
    )
    total = scheme(*components).total_hundredths(given_marks)
    assert exact - Fraction(1, 2) < total <= exact + Fraction(1, 2)


@pytest.mark.parametrize(
    ("given_marks", "state"),
    [
        ({"culture": 6_000, "skills": 6_000}, State.ASSESSED_MET),
        ({"culture": 5_999, "skills": 10_000}, State.ASSESSED_NOT_MET),
        # The total that is shown decides: 59.992 is 59.99, and 59.998 is 60.00.
        ({"culture": 10_000, "skills": 3_332}, State.ASSESSED_NOT_MET),
        ({"culture": 10_000, "skills": 3_333}, State.ASSESSED_MET),
    ],
)
def test_a_gate_and_the_least_total_are_both_needed(
    given_marks: dict[str, int], state: State
) -> None:
    gated = scheme(
        component("culture", 40, pass_mark_hundredths=6_000, gate=True),
        # A pass mark without a gate is for information.
        component("skills", 60, pass_mark_hundredths=9_000),
        minimum=6_000,
    )
    each = application(State.QUALIFIED)
    each.assess(
        party=BACK,
        batch=batch(BatchState.QUALIFIED, scheme=gated),
        marks=marks(**given_marks),
        absent=False,
        exempt=False,
        sealed_exemption_ground=b"",
    )
    assert each.state is state
    assert each.marks == marks(**given_marks)
    assert each.total_hundredths == gated.total_hundredths(marks(**given_marks))


@pytest.mark.parametrize(
    ("result", "refusal"),
    [
        ({}, refusals.MarksIncomplete),
        ({"marks": GOOD_MARKS, "absent": True}, refusals.MarksIncomplete),
        ({"marks": GOOD_MARKS, "exempt": True}, refusals.MarksIncomplete),
        ({"absent": True, "exempt": True}, refusals.MarksIncomplete),
        ({"marks": marks(culture=1)}, refusals.MarksIncomplete),
        ({"marks": marks(culture=1, skills=1, more=1)}, refusals.MarksIncomplete),
        ({"marks": marks(culture=1, sport=1)}, refusals.MarksIncomplete),
        ({"marks": (*GOOD_MARKS, GOOD_MARKS[0])}, refusals.MarksIncomplete),
        ({"marks": marks(culture=10_001, skills=1)}, refusals.MarkAboveFullMark),
    ],
)
def test_a_result_is_one_mark_a_component_or_an_absence_or_an_exemption(
    result: dict[str, Any], refusal: type[Exception]
) -> None:
    each = application(State.QUALIFIED)
    facts: dict[str, Any] = {
        "marks": (),
        "absent": False,
        "exempt": False,
        "sealed_exemption_ground": b"",
    } | result
    where = batch(BatchState.QUALIFIED)
    assert type(refusal_of(each, lambda: each.assess(party=BACK, batch=where, **facts))) is refusal
