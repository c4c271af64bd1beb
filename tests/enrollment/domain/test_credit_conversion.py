"""Conversion: each rule with its source and cases, and what holds whatever is converted."""

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain.credit_conversion import CreditConversion, CreditRules, Rule
from services.enrollment.domain.learning_outcome import Grade, Kind, LearningOutcome, State
from services.enrollment.domain.outcome_refusals import NothingToConvert
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.policy_refusals import PolicyNotInForce
from services.enrollment.edge.policies import load_policies
from tests.enrollment import made
from tests.enrollment.outcomes import (
    CERTIFICATE,
    COURSE,
    PARTIES,
    RECORD_ID,
    TODAY,
    accumulated,
    recognised,
    settled,
)

POLICIES = load_policies()
RULES = CreditRules.of(POLICIES, on=TODAY, place=Place("32", SchoolKind.HIGHER))
GRADUATION = 1_000


def convert(
    outcomes: Sequence[LearningOutcome], *, graduation_credit_tenths: int = GRADUATION
) -> CreditConversion:
    conversion = CreditConversion.make(
        outcomes,
        new_id=uuid4(),
        person_id=COURSE.person_id,
        parties=PARTIES,
        party=made.BACK,
        status_record_id=RECORD_ID,
        graduation_credit_tenths=graduation_credit_tenths,
        rules=RULES,
        today=TODAY,
    )
    for outcome in outcomes:
        settled(outcome)
    return conversion


def course(name: str, credit_tenths: int, **facts: Any) -> LearningOutcome:
    return accumulated(title=name, credit_tenths=credit_tenths, **facts)


def certificate(grade: Grade, credit_tenths: int, **facts: Any) -> LearningOutcome:
    return accumulated(declaration=CERTIFICATE, grade=grade, credit_tenths=credit_tenths, **facts)


# Rule, what is converted in order, and of each what is counted and by which rule it is cut.
CASES: dict[str, tuple[list[LearningOutcome], list[tuple[int, Rule | None]]]] = {
    "what fits is counted whole (LAW 职业教育法 art 51)": (
        [course("甲", 40), course("乙", 20)],
        [(40, None), (20, None)],
    ),
    "at most 50 % of the graduation credits (GDPT)": (
        [course("甲", 300), course("乙", 200), course("丙", 100)],
        [(300, None), (200, None), (0, Rule.CONVERTED_MAX)],
    ),
    "the last is cut at 50 % (GDPT)": (
        [course("甲", 300), course("乙", 250)],
        [(300, None), (200, Rule.CONVERTED_MAX)],
    ),
    "online at most 25 % (GDPT)": (
        [course("甲", 200, is_online=True), course("乙", 100, is_online=True), course("丙", 60)],
        [(200, None), (50, Rule.ONLINE_MAX), (60, None)],
    ),
    "relevance of 80 % is enough (GDPT)": (
        [course("甲", 40, relevance_percent=80), course("乙", 30, relevance_percent=79)],
        [(40, None), (0, Rule.RELEVANCE_MIN)],
    ),
    "the same certificate once at its highest (GDPT)": (
        [certificate(Grade.ADVANCED, 60), certificate(Grade.ELEMENTARY, 20)],
        [(60, None), (0, Rule.SAME_ACHIEVEMENT)],
    ),
    "the highest, though a lower one has more credits (GDPT)": (
        [certificate(Grade.ADVANCED, 30), certificate(Grade.INTERMEDIATE, 50)],
        [(30, None), (0, Rule.SAME_ACHIEVEMENT)],
    ),
    "similar prizes are one achievement where the school says so (GDPT)": (
        [
            accumulated(
                kind=Kind.CONTEST, grade=grade, title=name, achievement="烹饪", credit_tenths=30
            )
            for grade, name in ((Grade.NATION, "全国赛"), (Grade.CITY, "市赛"))
        ],
        [(30, None), (0, Rule.SAME_ACHIEVEMENT)],
    ),
    "what another school recognised is not counted (LAW 职业教育法 art 51)": (
        [course("甲", 40), course("乙", 30, party=made.FRONT)],
        [(40, None), (0, Rule.RECOGNISED_ELSEWHERE)],
    ),
    "what was recognised for hours alone gives no credits": (
        [course("甲", 40), course("乙", 0)],
        [(40, None), (0, Rule.NO_CREDITS)],
    ),
}


@pytest.mark.parametrize(("given_", "expected"), CASES.values(), ids=CASES)
def test_a_conversion_counts_and_says_why_not(
    given_: list[LearningOutcome], expected: list[tuple[int, Rule | None]]
) -> None:
    outcomes = deepcopy(given_)
    conversion = convert(outcomes)
    lines = {line.outcome_id: line for line in conversion.lines}
    found = [lines[each.id] for each in outcomes]
    assert [
        (line.counted_credit_tenths, line.refused[0].rule if line.refused else None)
        for line in found
    ] == expected
    assert all(each.source for line in found for each in line.refused)
    counted = [State.CONVERTED if tenths else State.ACCUMULATED for tenths, _ in expected]
    assert [each.state for each in outcomes] == counted


def test_a_higher_certificate_later_adds_what_it_has_more() -> None:
    low, high = certificate(Grade.ELEMENTARY, 20), certificate(Grade.ADVANCED, 60)
    convert([low])
    conversion = convert([low, high])
    (line,) = conversion.lines
    assert (line.counted_credit_tenths, line.refused[0].credit_tenths) == (40, 20)
    assert (conversion.earlier_credit_tenths, conversion.counted_credit_tenths) == (20, 40)


def test_a_revocation_gives_its_room_back() -> None:
    full, waiting = course("甲", 500), course("乙", 40)
    convert([full])
    assert convert([full, waiting]).counted_credit_tenths == 0
    full.revoke(party=made.FRONT, reason="证书作废", today=TODAY)
    settled(full)
    assert convert([full, waiting]).counted_credit_tenths == 40


def test_what_is_not_accumulated_is_not_converted() -> None:
    with pytest.raises(NothingToConvert):
        convert([recognised()])


def test_the_rules_are_those_of_the_day_and_marked_as_defaults() -> None:
    assert (RULES.converted_max.percent, RULES.online_max.percent) == (50, 25)
    assert (RULES.relevance_min.percent, RULES.times_max) == (80, 1)
    assert RULES.converted_max.is_default
    with pytest.raises(PolicyNotInForce):
        CreditRules.of(POLICIES, on=date(2018, 12, 31), place=Place())


@st.composite
def portfolios(draw: st.DrawFn) -> list[LearningOutcome]:
    """Make accumulated outcomes of few achievements, with fixed ids."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        outcome = draw(
            st.builds(
                certificate,
                st.sampled_from([Grade.ELEMENTARY, Grade.INTERMEDIATE, Grade.ADVANCED]),
                st.integers(0, 120),
                achievement=st.sampled_from("甲乙丙丁戊"),
                relevance_percent=st.integers(60, 100),
                party=st.sampled_from([made.BACK, made.BACK, made.BACK, made.FRONT]),
            )
        )
        outcome.id = UUID(int=number)
        outcome.is_online = draw(st.booleans())
        found.append(outcome)
    return found


def total(outcomes: Sequence[LearningOutcome]) -> tuple[int, int]:
    return (
        sum(each.converted_credit_tenths for each in outcomes),
        sum(each.converted_credit_tenths for each in outcomes if each.is_online),
    )


@given(portfolios(), st.integers(0, 800))
def test_never_more_than_the_limits_and_every_tenth_is_explained(
    outcomes: list[LearningOutcome], graduation: int
) -> None:
    conversion = convert(outcomes, graduation_credit_tenths=graduation)
    converted, online = total(outcomes)
    assert converted * 100 <= graduation * 50
    assert online * 100 <= graduation * 25
    assert converted == conversion.counted_credit_tenths
    for line in conversion.lines:
        refused = sum(each.credit_tenths for each in line.refused)
        assert line.counted_credit_tenths + refused == line.recognised_credit_tenths
        assert bool(line.refused) == (
            line.counted_credit_tenths < line.recognised_credit_tenths
            or not line.recognised_credit_tenths
        )
    best: dict[str, int] = defaultdict(int)
    for each in outcomes:
        best[each.achievement] = max(best[each.achievement], each.recognised_credit_tenths)
    for achievement, tenths in best.items():
        mine = [each for each in outcomes if each.achievement == achievement]
        assert total(mine)[0] <= tenths
        assert sum(each.state is State.CONVERTED for each in mine) <= 1


@given(portfolios(), st.integers(0, 800), st.randoms(use_true_random=False))
def test_the_order_is_of_no_matter(
    outcomes: list[LearningOutcome], graduation: int, random: Random
) -> None:
    shuffled = deepcopy(outcomes)
    random.shuffle(shuffled)
    one = convert(outcomes, graduation_credit_tenths=graduation)
    other = convert(shuffled, graduation_credit_tenths=graduation)
    assert one.lines == other.lines


@given(portfolios(), st.integers(0, 800))
def test_converting_again_counts_nothing_twice(
    outcomes: list[LearningOutcome], graduation: int
) -> None:
    first = convert(outcomes, graduation_credit_tenths=graduation)
    before = total(outcomes)
    if all(each.state is State.CONVERTED for each in outcomes):
        with pytest.raises(NothingToConvert):
            convert(outcomes, graduation_credit_tenths=graduation)
        return
    again = convert(outcomes, graduation_credit_tenths=graduation)
    assert again.counted_credit_tenths == 0
    assert again.earlier_credit_tenths == first.counted_credit_tenths
    assert total(outcomes) == before


@given(portfolios(), st.integers(0, 800), st.data())
def test_one_after_another_stays_within_the_limits(
    outcomes: list[LearningOutcome], graduation: int, data: st.DataObject
) -> None:
    split = data.draw(st.integers(1, len(outcomes)))
    convert(outcomes[:split], graduation_credit_tenths=graduation)
    if any(each.state is State.ACCUMULATED for each in outcomes):
        convert(outcomes, graduation_credit_tenths=graduation)
    converted, online = total(outcomes)
    assert converted * 100 <= graduation * 50
    assert online * 100 <= graduation * 25
