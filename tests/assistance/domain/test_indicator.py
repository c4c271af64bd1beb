"""Indicators: set by the office, and reached by evidence alone."""

from uuid import uuid4

import pytest

from services.assistance.domain.events import Event
from services.assistance.domain.indicator import Indicator, Kind
from services.assistance.domain.refusals import NotAPairingParty
from services.assistance.domain.registration import SchoolPair
from tests.assistance.made import (
    HELPER,
    OFFICE,
    RECEIVER,
    STRANGER,
    cancelled,
    indicator,
    pairing,
    registration,
)


def test_an_indicator_has_the_parties_of_its_pairing() -> None:
    kept = pairing()
    made = Indicator.set_for(
        kept,
        new_id=uuid4(),
        kind=Kind.STUDENTS_REGISTERED,
        target=40,
        counted=0,
        party=OFFICE,
    )
    assert (made.helper, made.receiver, made.office) == (HELPER, RECEIVER, OFFICE)
    assert (made.pairing_id, made.target, made.actual) == (kept.id, 40, 0)
    assert (made.version, made.event) == (1, Event.INDICATOR_SET)


@pytest.mark.parametrize("party", [HELPER, RECEIVER, STRANGER])
def test_only_the_office_that_keeps_the_pairing_sets_its_indicators(party: str) -> None:
    with pytest.raises(NotAPairingParty) as refusal:
        indicator(party=party)
    assert refusal.value.metadata == {"office": OFFICE, "party": party}


def test_what_was_registered_before_counts_from_the_start() -> None:
    assert indicator(counted=7).actual == 7


@pytest.mark.parametrize(
    ("before", "added", "withdrawn", "after"),
    [(0, 1, 0, 1), (3, 2, 0, 5), (3, 0, 1, 2), (1, 0, 1, 0), (3, 2, 4, 1), (0, 1, 1, 0)],
)
def test_an_indicator_follows_its_evidence(
    before: int, added: int, withdrawn: int, after: int
) -> None:
    made = indicator(counted=before)
    made.count(added=added, withdrawn=withdrawn)
    assert made.actual == after
    assert (made.version, made.event) == (2, Event.INDICATOR_COUNTED)


def test_an_indicator_may_pass_its_target() -> None:
    made = indicator(target=1, counted=1)
    made.count(added=1, withdrawn=0)
    assert made.actual == 2


def test_more_cannot_be_withdrawn_than_was_counted() -> None:
    with pytest.raises(AssertionError, match="withdrawn"):
        indicator().count(added=0, withdrawn=1)


def test_an_indicator_is_recounted_once_in_a_command() -> None:
    made = indicator()
    made.count(added=1, withdrawn=0)
    with pytest.raises(AssertionError, match="one change"):
        made.count(added=1, withdrawn=0)


def test_the_back_college_helps_the_front_school() -> None:
    registered = registration()
    assert registered.schools == SchoolPair(helper=HELPER, receiver=RECEIVER)
    assert registered.schools == indicator().schools == pairing().schools


def test_a_cancelled_registration_is_of_the_same_schools() -> None:
    registered = registration()
    assert cancelled(registered).schools == registered.schools


def test_help_has_a_direction() -> None:
    assert registration(front=HELPER, back=RECEIVER).schools != indicator().schools
