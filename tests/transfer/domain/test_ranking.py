"""The ranking: who is proposed within the quota, how ties end, and that a place has one owner."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transfer.domain.application import Application
from services.transfer.domain.application_states import State
from services.transfer.domain.events import Event
from services.transfer.domain.ranking import RANKED, propose_within_quota
from services.transfer.domain.scheme import Scheme
from tests.transfer.aggregates import application, component, marks

# In ties theory comes before skills, and skills before culture (SDjn).
SCHEME = Scheme(
    components=(component("theory", 50), component("skills", 30), component("culture", 20)),
    minimum_total_hundredths=0,
)


def ranked(number: int, *, theory: int, skills: int, culture: int) -> Application:
    """Return an applicant with marks; the number says in which order they were drafted."""
    given_marks = marks(theory=theory, skills=skills, culture=culture)
    return application(
        State.ASSESSED_MET,
        id=UUID(int=number),
        marks=given_marks,
        total_hundredths=SCHEME.total_hundredths(given_marks),
    )


def exempt(number: int) -> Application:
    return application(State.EXEMPT, id=UUID(int=number), sealed_exemption_ground=b"sealed")


def order_of(applications: list[Application], *, places: int) -> list[int]:
    """Propose, and return the numbers of the applicants by rank."""
    propose_within_quota(applications, scheme=SCHEME, places=places)
    return [each.id.int for each in sorted(applications, key=lambda each: each.rank)]


@pytest.mark.parametrize("seed", range(5))
def test_equal_totals_are_ordered_by_the_components_and_then_by_drafting(seed: int) -> None:
    applicants = [
        exempt(8),
        exempt(9),
        ranked(7, theory=9_000, skills=9_000, culture=9_000),
        # All four have 60.00; the third and fourth have the same marks.
        ranked(6, theory=6_600, skills=6_000, culture=4_500),
        ranked(5, theory=6_000, skills=7_000, culture=4_500),
        ranked(3, theory=6_000, skills=6_000, culture=6_000),
        ranked(4, theory=6_000, skills=6_000, culture=6_000),
        ranked(1, theory=5_000, skills=5_000, culture=5_000),
    ]
    assert {each.total_hundredths for each in applicants[3:7]} == {6_000}
    expected = [each.id.int for each in applicants]
    Random(seed).shuffle(applicants)  # noqa: S311 - not security
    assert order_of(applicants, places=3) == expected


@pytest.mark.parametrize(("places", "proposed"), [(0, 0), (2, 2), (3, 3), (9, 3)])
def test_as_many_are_proposed_as_there_are_places(places: int, proposed: int) -> None:
    applicants = [ranked(each, theory=each, skills=each, culture=each) for each in (3, 2, 1)]
    assert propose_within_quota(applicants, scheme=SCHEME, places=places) == proposed
    assert [each.rank for each in applicants] == [1, 2, 3]
    states = [State.PROPOSED] * proposed + [State.NOT_PROPOSED] * (3 - proposed)
    assert [each.state for each in applicants] == states
    events = [Event.APPLICATION_PROPOSED] * proposed + [Event.APPLICATION_NOT_PROPOSED] * (
        3 - proposed
    )
    assert [each.event for each in applicants] == events


def test_nobody_is_ranked_in_an_empty_batch() -> None:
    assert propose_within_quota([], scheme=SCHEME, places=3) == 0


def test_only_those_who_met_the_demands_or_are_exempt_are_ranked() -> None:
    assert {State.ASSESSED_MET, State.EXEMPT} == RANKED


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=12), st.integers(0, 12))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_nobody_below_is_better_than_anybody_above(
    given_marks: list[tuple[int, int, int]], places: int
) -> None:
    applicants = [
        ranked(number, theory=theory * 100, skills=skills * 100, culture=culture * 100)
        for number, (theory, skills, culture) in enumerate(given_marks)
    ]
    proposed = propose_within_quota(applicants, scheme=SCHEME, places=places)
    assert proposed == min(places, len(applicants))
    applicants.sort(key=lambda each: each.rank)
    assert [each.rank for each in applicants] == list(range(1, len(applicants) + 1))
    totals = [each.total_hundredths for each in applicants]
    assert totals == sorted(totals, reverse=True)
    assert all(each.state is State.PROPOSED for each in applicants[:proposed])
    assert all(each.state is State.NOT_PROPOSED for each in applicants[proposed:])
