"""Counting registrations: each once, with its event as evidence, however often it is heard."""

import asyncio
from dataclasses import replace
from functools import partial
from random import Random
from uuid import UUID, uuid4

import pytest

from services.assistance.commands.change_copies import change_copies
from services.assistance.commands.create_indicators import CreateIndicator, create_indicators
from services.assistance.commands.create_pairings import CreatePairing, create_pairings
from services.assistance.domain.indicator import Kind
from services.assistance.domain.pairing import Pairing, Programme
from services.assistance.domain.registration import Registration
from tests.assistance.commands.test_create_pairings import SCHOOLS
from tests.assistance.conftest import Desk
from tests.assistance.made import NOON, cancelled, registration


async def paired(desk: Desk, item: CreatePairing = SCHOOLS) -> CreateIndicator:
    """Record a pairing; return the indicator that may be set for it."""
    (pairing,) = await desk.run(create_pairings, item)
    assert isinstance(pairing, Pairing)
    return CreateIndicator(pairing_id=pairing.id, kind=Kind.STUDENTS_REGISTERED, target=40)


@pytest.fixture
async def pairing_id(desk: Desk) -> UUID:
    """Return a pairing of schools with an indicator."""
    item = await paired(desk)
    await desk.run(create_indicators, item)
    return item.pairing_id


async def actuals(desk: Desk) -> list[int]:
    """Return what the indicators say, which is always what their evidence says."""
    rows = await desk.rows(
        "SELECT actual, (SELECT count(*) FROM evidence WHERE indicator_id = indicator.id"
        " AND NOT withdrawn) AS counted FROM indicator ORDER BY id"
    )
    assert all(row["actual"] == row["counted"] for row in rows)
    return [row["actual"] for row in rows]


async def versions(desk: Desk) -> list[int]:
    rows = await desk.rows(
        "SELECT version FROM change WHERE event_type = 'IndicatorCounted' ORDER BY id"
    )
    return [row["version"] for row in rows]


@pytest.mark.usefixtures("pairing_id")
async def test_a_registration_counts_with_its_event_as_evidence(desk: Desk) -> None:
    heard = registration(position=17)
    await desk.hear(heard)
    assert await actuals(desk) == [1]
    (row,) = await desk.rows("SELECT * FROM evidence")
    assert row["event_id"] == heard.event_id
    assert row["event_type"] == "ApplicationRegistered"
    assert (row["source"], row["position"]) == ("transfer", 17)
    assert row["resource_name"] == f"applications/{heard.id}"
    assert row["business_time"] == NOON
    assert row["withdrawn"] is False
    (change,) = await desk.rows("SELECT * FROM change WHERE event_type = 'IndicatorCounted'")
    assert change["version"] == 2
    assert change["audience"] == ["siyang", "szai", "szedu"]


@pytest.mark.usefixtures("pairing_id")
async def test_an_event_that_is_heard_again_counts_once(desk: Desk) -> None:
    heard = registration()
    await desk.hear(heard, heard)
    await desk.hear(heard)
    # The source began a new history: other events of the same versions.
    await desk.hear(replace(heard, event_id=uuid4(), position=900))
    assert await actuals(desk) == [1]
    assert await versions(desk) == [2]


@pytest.mark.usefixtures("pairing_id")
async def test_events_of_one_indicator_in_one_transaction_are_a_change_each(desk: Desk) -> None:
    heard = [registration(position=each) for each in range(1, 6)]
    await desk.hear(*heard, cancelled(heard[0]), *heard)
    assert await actuals(desk) == [4]
    assert await versions(desk) == [2, 3, 4, 5, 6, 7]


@pytest.mark.usefixtures("pairing_id")
async def test_a_cancelled_registration_is_withdrawn_and_stays_as_evidence(desk: Desk) -> None:
    heard = registration()
    await desk.hear(heard, registration())
    await desk.hear(cancelled(heard))
    await desk.hear(cancelled(heard))
    assert await actuals(desk) == [1]
    (row,) = await desk.rows("SELECT * FROM evidence WHERE withdrawn")
    assert row["event_id"] == heard.event_id
    assert await versions(desk) == [2, 3, 4]


@pytest.mark.usefixtures("pairing_id")
async def test_a_registration_heard_after_its_cancellation_does_not_come_back(desk: Desk) -> None:
    heard = registration()
    await desk.hear(cancelled(heard))
    await desk.hear(heard)
    assert await actuals(desk) == [0]
    assert await desk.rows("SELECT 1 FROM evidence") == []


@pytest.mark.usefixtures("pairing_id")
async def test_an_application_that_was_cancelled_before_its_registration_counts_for_nobody(
    desk: Desk,
) -> None:
    await desk.hear(registration(is_registered=False, event_type="ApplicationCancelled"))
    assert await actuals(desk) == [0]
    assert await versions(desk) == []


@pytest.mark.usefixtures("pairing_id")
@pytest.mark.parametrize(
    ("front", "back"), [("siyang", "gaobo"), ("sqjm", "szai"), ("szai", "siyang")]
)
async def test_registrations_of_other_schools_do_not_count(
    desk: Desk, front: str, back: str
) -> None:
    await desk.hear(registration(front=front, back=back))
    assert await actuals(desk) == [0]


async def test_a_registration_counts_for_each_programme_that_pairs_the_schools(desk: Desk) -> None:
    for programme in (Programme.NORTH_SOUTH, Programme.INTER_SCHOOL):
        item = await paired(desk, replace(SCHOOLS, programme=programme))
        await desk.run(create_indicators, item)
    heard = registration()
    await desk.hear(heard)
    assert await actuals(desk) == [1, 1]
    await desk.hear(cancelled(heard))
    assert await actuals(desk) == [0, 0]


async def test_a_registration_without_a_pairing_is_recorded_for_later(desk: Desk) -> None:
    heard = registration()
    await desk.hear(heard)
    (row,) = await desk.rows("SELECT id, version, is_registered FROM copy_application")
    assert row == {"id": heard.id, "version": 9, "is_registered": True}


async def test_nothing_is_missed_while_an_indicator_is_being_set(desk: Desk) -> None:
    item = await paired(desk)
    heard = [registration(position=each) for each in range(1, 25)]
    await asyncio.gather(
        *(desk.hear(each) for each in heard[:12]),
        desk.run(create_indicators, item),
        *(desk.hear(each) for each in heard[12:]),
    )
    assert await actuals(desk) == [24]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_repeated_and_whenever_it_is_set_an_indicator_is_true(
    desk: Desk, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable, not secret
    item = await paired(desk)
    history: list[Registration] = []
    for position in range(1, 41):
        live = [each for each in history if each.is_registered]
        ended = {each.id for each in history if not each.is_registered}
        live = [each for each in live if each.id not in ended]
        if live and chance.random() < 0.3:
            history.append(replace(cancelled(chance.choice(live)), position=position))
        else:
            history.append(registration(position=position))
    setting = chance.randrange(40)
    applied = 0
    while applied < len(history):
        # A batch goes on where the last one ended, and repeats some of what was there before.
        until = min(len(history), applied + chance.randrange(1, 6))
        repeated = sorted(chance.choices(range(until), k=3))
        batch = [history[each] for each in repeated if each < applied]
        await desk.hear(*batch, *history[applied:until])
        if applied <= setting < until:
            await desk.run(create_indicators, item)
        applied = until
    still_registered = {each.id for each in history} - {
        each.id for each in history if not each.is_registered
    }
    assert await actuals(desk) == [len(still_registered)]


async def test_an_older_copy_of_an_organisation_changes_nothing(desk: Desk) -> None:
    def row(version: int, kind: str) -> dict[str, object]:
        return {
            "id": "szai",
            "version": version,
            "sha256": bytes(32),
            "display_name": "",
            "kind": kind,
        }

    for copy in (row(3, "UNIVERSITY"), row(2, "ENTERPRISE")):
        await desk.database.transact(partial(change_copies, rows=[copy]))
    (found,) = await desk.rows("SELECT version, kind FROM copy_organisation WHERE id = 'szai'")
    assert found == {"version": 3, "kind": "UNIVERSITY"}
