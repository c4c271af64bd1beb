"""Calls that are answered: what is created, read and listed, and by whom."""

import pytest
from google.type.date_pb2 import Date
from guantong.assistance.v1.indicator_pb2 import Indicator
from guantong.assistance.v1.pairing_pb2 import Pairing

from tests.assistance.conftest import Desk
from tests.assistance.edge.world import World, make_world
from tests.assistance.made import NOON, cancelled, registration
from tests.served import Served


@pytest.fixture(scope="module")
async def world(assistance: Served) -> World:
    """Return a service in which three registrations counted, and one was cancelled."""
    world = await make_world(assistance)
    heard = [registration(position=each) for each in range(1, 4)]
    await Desk(assistance.base.database).hear(*heard, cancelled(heard[0]))
    return world


def test_a_created_pairing_is_answered_whole(world: World) -> None:
    assert world.pairing == Pairing(
        name=world.pairing.name,
        version=1,
        etag='"1"',
        state=Pairing.STATE_ACTIVE,
        level=Pairing.LEVEL_SCHOOL,
        programme=Pairing.PROGRAMME_NORTH_SOUTH,
        helper="organisations/szai",
        receiver="organisations/siyang",
        office="organisations/szedu",
        agreement_number="2023-01",
        begin_date=Date(year=2023, month=1, day=31),
    )


def test_a_created_indicator_is_answered_whole(world: World) -> None:
    assert world.indicator == Indicator(
        name=world.indicator.name,
        version=1,
        etag='"1"',
        pairing=world.pairing.name,
        helper="organisations/szai",
        receiver="organisations/siyang",
        kind=Indicator.KIND_STUDENTS_REGISTERED,
        target=40,
        actual=0,
    )


PARTIES = [
    ("szedu", "assistance_officer"),
    ("szai", "registrar"),
    ("siyang", "approver"),
    ("siyang", "agent"),
    ("elsewhere", "auditor"),
    ("suite", "administrator"),
    ("elsewhere", "bureau_officer"),
]


@pytest.mark.parametrize(("party", "role"), PARTIES)
async def test_parties_and_those_who_see_all_read_it(world: World, party: str, role: str) -> None:
    caller = {"party": party, "role": role}
    assert await world.call("GetPairing", world.request("GetPairing"), **caller) == world.pairing
    listed = await world.call("ListPairings", world.request("ListPairings"), **caller)
    assert world.pairing in listed.pairings
    found = await world.call("GetIndicator", world.request("GetIndicator"), **caller)
    assert (found.actual, found.version, found.etag) == (2, 5, '"5"')
    listed = await world.call("ListIndicators", world.request("ListIndicators"), **caller)
    assert list(listed.indicators) == [found]
    answer = await world.call(
        "ListIndicatorEvidence", world.request("ListIndicatorEvidence"), **caller
    )
    assert [each.position for each in answer.evidence] == [1, 2, 3]


@pytest.mark.parametrize("role", ["registrar", "approver", "agent", "assistance_officer"])
async def test_a_stranger_lists_nothing(world: World, role: str) -> None:
    for rpc in ("ListPairings", "ListIndicators"):
        answer = await world.call(rpc, world.request(rpc), party="gaobo", role=role)
        assert answer.ByteSize() == 0


async def test_a_party_of_one_pairing_does_not_see_the_other(world: World) -> None:
    answer = await world.call(
        "ListPairings", world.request("ListPairings"), party="sztf", role="registrar"
    )
    assert [each.name for each in answer.pairings] == [world.bare_pairing.name]


async def test_evidence_names_the_event_and_what_became_of_it(world: World) -> None:
    answer = await world.call("ListIndicatorEvidence", world.request("ListIndicatorEvidence"))
    first, second, _ = answer.evidence
    assert first.withdrawn
    assert not second.withdrawn
    assert second.source == "transfer"
    assert second.event_type == "ApplicationRegistered"
    assert second.resource_name.startswith("applications/")
    assert second.business_time.ToDatetime(tzinfo=NOON.tzinfo) == NOON
    assert answer.next_page_token == ""


@pytest.mark.parametrize(
    ("rpc", "field", "count"),
    [
        ("ListPairings", "pairings", 2),
        ("ListIndicators", "indicators", 1),
        ("ListIndicatorEvidence", "evidence", 3),
    ],
)
async def test_pages_show_everything_once(world: World, rpc: str, field: str, count: int) -> None:
    whole = getattr(await world.call(rpc, world.request(rpc)), field)
    assert len(whole) == count
    paged = []
    token = ""
    while True:
        answer = await world.call(rpc, world.request(rpc, page_size=1, page_token=token))
        paged += getattr(answer, field)
        token = answer.next_page_token
        if not token:
            break
    assert paged == list(whole)


async def test_indicators_are_listed_by_pairing(world: World) -> None:
    request = world.request("ListIndicators", pairing=world.bare_pairing.name)
    assert (await world.call("ListIndicators", request)).ByteSize() == 0
    everything = await world.call("ListIndicators", world.request("ListIndicators", pairing=None))
    assert [each.name for each in everything.indicators] == [world.indicator.name]


async def test_a_repeated_creation_is_answered_as_it_was_then(
    assistance: Served, world: World
) -> None:
    request = world.request("CreateIndicator")
    first = await world.call("CreateIndicator", request)
    await Desk(assistance.base.database).hear(registration(front="sqjm", back="sztf"))
    before = await world.snapshot()
    assert await world.call("CreateIndicator", request) == first
    assert (first.actual, first.version) == (0, 1)
    assert await world.snapshot() == before
