"""The feed of assistance: pairings and indicators for their parties, and for nobody else."""

from typing import Any

import grpc.aio
import pytest
from guantong.assistance.v1 import changes_service_pb2 as pb
from guantong.assistance.v1.changes_service_pb2_grpc import ChangesServiceStub
from guantong.assistance.v1.indicator_pb2 import Indicator

from tests.assistance.conftest import Desk
from tests.assistance.edge.world import World, make_world
from tests.assistance.made import cancelled, registration
from tests.served import Served, details_of

Code = grpc.StatusCode
WRONG: list[tuple[dict[str, Any], grpc.StatusCode, str]] = [
    ({"resource_types": ["Indicators!"]}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
    ({"resource_types": ["a"] * 17}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
    ({"token": "x" * 513}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
    ({"token": "x"}, Code.OUT_OF_RANGE, "CURSOR_EXPIRED"),
    ({"token": "标记"}, Code.OUT_OF_RANGE, "CURSOR_EXPIRED"),
]

WRONG_PLACES: list[tuple[dict[str, Any], grpc.StatusCode, str]] = [
    ({"position": -1}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
    ({"position": 8}, Code.OUT_OF_RANGE, "CURSOR_EXPIRED"),
    ({"position": 7, "epoch": "another"}, Code.OUT_OF_RANGE, "CURSOR_EXPIRED"),
    ({"resource_types": ["Indicators!"]}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
]


@pytest.fixture(scope="module")
async def world(assistance: Served) -> World:
    """Return a service with seven numbered changes."""
    world = await make_world(assistance)
    heard = [registration(position=each) for each in range(1, 4)]
    await Desk(assistance.base.database).hear(*heard, cancelled(heard[0]))
    while await assistance.base.sequencer.number():
        pass
    return world


async def changes(world: World, party: str, role: str = "agent", **fields: Any) -> Any:
    return await ChangesServiceStub(world.service.channel).ListChanges(
        pb.ListChangesRequest(**fields), metadata=world.service.token(party, role)
    )


async def test_parties_hear_of_each_change_of_their_pairing_in_order(world: World) -> None:
    for party in ("szai", "siyang", "szedu"):
        answer = await changes(world, party)
        named = [
            (each.event_type, each.resource_name, each.version)
            for each in answer.changes
            if each.resource_name != world.bare_pairing.name
        ]
        assert named == [
            ("PairingCreated", world.pairing.name, 1),
            ("IndicatorSet", world.indicator.name, 1),
            *(("IndicatorCounted", world.indicator.name, each) for each in range(2, 6)),
        ]
        indicator = Indicator()
        assert answer.changes[-1].resource.Unpack(indicator)
        assert indicator.actual == 2


@pytest.mark.parametrize(
    ("party", "role", "count"),
    [
        ("sztf", "agent", 1),
        ("gaobo", "agent", 0),
        ("gaobo", "assistance_officer", 0),
        ("elsewhere", "auditor", 7),
        ("elsewhere", "system", 7),
    ],
)
async def test_who_is_no_party_hears_nothing_unless_it_may_see_all(
    world: World, party: str, role: str, count: int
) -> None:
    answer = await changes(world, party, role)
    assert len(answer.changes) == count
    assert answer.position == 7


async def test_a_reader_resumes_where_it_stopped_and_filters_by_type(world: World) -> None:
    first = await changes(world, "szai", page_size=2, resource_types=["indicators"])
    rest = await changes(world, "szai", token=first.next_token, resource_types=["indicators"])
    assert [each.version for each in (*first.changes, *rest.changes)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("rpc", "fields", "code", "reason"),
    [
        ("ListChanges", {"page_size": -1}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        *((rpc, *case) for rpc in ("ListChanges", "WatchChanges") for case in WRONG),
        *((rpc, *case) for rpc in ("GetDigest", "ListDigestEntries") for case in WRONG_PLACES),
        ("GetDigest", {"buckets": [256]}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        ("GetDigest", {"buckets": [1, 1]}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        ("ListDigestEntries", {"part": 4096}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        ("ListDigestEntries", {"page_size": -1}, Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        ("ListDigestEntries", {"page_token": "x"}, Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"),
    ],
)
async def test_a_wrong_question_is_refused(
    world: World, rpc: str, fields: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    request = getattr(pb, f"{rpc}Request")(**fields)
    call = getattr(ChangesServiceStub(world.service.channel), rpc)(
        request, metadata=world.service.token("szai", "agent")
    )
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await (call.read() if rpc == "WatchChanges" else call)
    details = details_of(raised.value)
    assert (raised.value.code(), details["reason"]) == (code, reason)
    assert set(details["texts"]) == {"zh-CN", "en"}


async def digest(world: World, party: str, role: str = "agent", **fields: Any) -> Any:
    return await ChangesServiceStub(world.service.channel).GetDigest(
        pb.GetDigestRequest(**fields), metadata=world.service.token(party, role)
    )


async def test_parties_of_the_same_records_have_the_same_digest(world: World) -> None:
    answers = {party: await digest(world, party) for party in ("szai", "siyang", "sztf", "gaobo")}
    assert answers["szai"] == answers["siyang"]
    assert answers["szai"].digest != answers["sztf"].digest
    counts = {party: answer.count for party, answer in answers.items()}
    assert counts == {"szai": 2, "siyang": 2, "sztf": 1, "gaobo": 0}
    assert (await digest(world, "elsewhere", "auditor")).count == 3
    assert all(answer.position == 7 and len(answer.nodes) == 256 for answer in answers.values())


async def test_parts_and_entries_say_what_a_party_holds_and_nothing_of_others(
    world: World,
) -> None:
    service = world.service
    stub = ChangesServiceStub(service.channel)
    whole = await digest(world, "szai")
    buckets = [each.number for each in whole.nodes if each.count]
    parts = await digest(world, "szai", position=7, epoch=whole.epoch, buckets=buckets)
    assert [each.number for each in parts.nodes] == [
        16 * bucket + number for bucket in buckets for number in range(16)
    ]
    names: dict[str, int] = {}
    for part in (each for each in parts.nodes if each.count):
        for party in ("szai", "gaobo"):
            entries = await stub.ListDigestEntries(
                pb.ListDigestEntriesRequest(position=7, part=part.number, with_resources=True),
                metadata=service.token(party, "agent"),
            )
            assert len(entries.entries) == (part.count if party == "szai" else 0)
            names |= {each.resource_name: each.version for each in entries.entries}
    assert names == {world.pairing.name: 1, world.indicator.name: 5}


async def test_the_feed_is_closed_to_a_role_that_is_not_granted_it(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await changes(world, "szai", "fund_approver")
    assert raised.value.code() is Code.PERMISSION_DENIED
    for rpc in ("GetDigest", "ListDigestEntries"):
        method = getattr(ChangesServiceStub(world.service.channel), rpc)
        request = getattr(pb, f"{rpc}Request")()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await method(request, metadata=world.service.token("szai", "fund_approver"))
        assert raised.value.code() is Code.PERMISSION_DENIED
