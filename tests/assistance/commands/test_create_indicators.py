"""Setting indicators: one of a kind, by the office, with what was registered before."""

import asyncio
from uuid import uuid4

import pytest

from chassis.errors import ResourceNotFound
from services.assistance.commands.create_indicators import CreateIndicator, create_indicators
from services.assistance.commands.create_pairings import create_pairings
from services.assistance.domain.indicator import Indicator, Kind
from services.assistance.domain.pairing import Pairing
from services.assistance.domain.refusals import IndicatorAlreadySet, NotAPairingParty
from tests.assistance.commands.test_create_pairings import REGIONS, SCHOOLS
from tests.assistance.conftest import Desk
from tests.assistance.made import cancelled, registration


@pytest.fixture
async def item(desk: Desk) -> CreateIndicator:
    """Return the indicator of a recorded pairing of schools."""
    (pairing,) = await desk.run(create_pairings, SCHOOLS)
    assert isinstance(pairing, Pairing)
    return CreateIndicator(pairing_id=pairing.id, kind=Kind.STUDENTS_REGISTERED, target=40)


async def test_an_indicator_begins_at_zero(desk: Desk, item: CreateIndicator) -> None:
    (made,) = await desk.run(create_indicators, item)
    assert isinstance(made, Indicator)
    (row,) = await desk.rows("SELECT target, actual, version FROM indicator")
    assert row == {"target": 40, "actual": 0, "version": 1}
    (change,) = await desk.rows("SELECT * FROM change WHERE event_type = 'IndicatorSet'")
    assert change["resource_name"] == f"indicators/{made.id}"
    assert change["audience"] == ["siyang", "szai", "szedu"]


async def test_registrations_of_earlier_days_count_from_the_start(
    desk: Desk, item: CreateIndicator
) -> None:
    early = registration(position=7)
    late = registration(position=21)
    gone = registration(position=14)
    await desk.hear(late, early, gone, cancelled(gone), registration(back="gaobo"))
    (made,) = await desk.run(create_indicators, item)
    assert isinstance(made, Indicator)
    assert made.actual == 2
    rows = await desk.rows("SELECT * FROM evidence ORDER BY id")
    assert [row["event_id"] for row in rows] == [early.event_id, late.event_id]
    assert [row["resource_name"] for row in rows] == [
        f"applications/{early.id}",
        f"applications/{late.id}",
    ]
    assert {row["withdrawn"] for row in rows} == {False}
    changes = await desk.rows("SELECT event_type, version FROM change ORDER BY id")
    assert changes[-1] == {"event_type": "IndicatorSet", "version": 1}


async def test_what_counted_before_can_be_cancelled_after(
    desk: Desk, item: CreateIndicator
) -> None:
    registered = registration()
    await desk.hear(registered)
    await desk.run(create_indicators, item)
    await desk.hear(cancelled(registered))
    (row,) = await desk.rows("SELECT actual, version FROM indicator")
    assert row == {"actual": 0, "version": 2}


@pytest.mark.parametrize("party", ["szai", "siyang"])
async def test_helper_and_receiver_see_the_pairing_but_set_nothing(
    desk: Desk, item: CreateIndicator, party: str
) -> None:
    (refused,) = await desk.run(create_indicators, item, party=party)
    assert isinstance(refused, NotAPairingParty)
    assert await desk.rows("SELECT 1 FROM indicator") == []


async def test_a_stranger_is_not_told_that_the_pairing_exists(
    desk: Desk, item: CreateIndicator
) -> None:
    (refused,) = await desk.run(create_indicators, item, party="sqedu")
    nowhere = CreateIndicator(pairing_id=uuid4(), kind=item.kind, target=1)
    (absent,) = await desk.run(create_indicators, nowhere, party="sqedu")
    assert type(refused) is type(absent) is ResourceNotFound


async def test_a_pairing_has_one_indicator_of_a_kind(desk: Desk, item: CreateIndicator) -> None:
    first, second = await desk.run(create_indicators, item, item)
    (third,) = await desk.run(create_indicators, item)
    assert isinstance(first, Indicator)
    assert isinstance(second, IndicatorAlreadySet)
    assert isinstance(third, IndicatorAlreadySet)
    assert len(await desk.rows("SELECT 1 FROM indicator")) == 1


async def test_of_many_calls_at_the_same_time_one_sets_the_indicator(
    desk: Desk, item: CreateIndicator
) -> None:
    answers = await asyncio.gather(*(desk.run(create_indicators, item) for _ in range(6)))
    kinds = sorted(type(answer).__name__ for (answer,) in answers)
    assert kinds == ["Indicator"] + ["IndicatorAlreadySet"] * 5


async def test_bureaus_register_no_students(desk: Desk) -> None:
    (pairing,) = await desk.run(create_pairings, REGIONS)
    assert isinstance(pairing, Pairing)
    await desk.hear(registration())
    (made,) = await desk.run(
        create_indicators,
        CreateIndicator(pairing_id=pairing.id, kind=Kind.STUDENTS_REGISTERED, target=1),
    )
    assert isinstance(made, Indicator)
    assert made.actual == 0
