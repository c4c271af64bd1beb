"""Who may act for a school that is blocked or has ended: the same as in enrollment."""

from datetime import date, timedelta
from typing import Any

import grpc
import pytest

from chassis.standing import Link, Standing, note_standing
from tests.transfer.aggregates import BACK, FRONT, STRANGER
from tests.transfer.edge.world import METHODS, TODAY, World

Code = grpc.StatusCode
READING = {rpc for rpc in METHODS if rpc.startswith(("Get", "List", "Watch"))}


async def know(world: World, party: str, version: int, **facts: Any) -> None:
    known: dict[str, Any] = {"is_blocked": False, "end_date": None, "links": (), **facts}
    standing = Standing(party=party, version=version, **known)
    await world.service.base.database.transact(lambda tx: note_standing(tx, standing))


@pytest.fixture
async def merged(world: World) -> World:
    """Return the world after the front school was merged into a third one."""
    await end(world, TODAY - timedelta(days=1))
    return world


_version = iter(range(1, 10_000))


async def end(world: World, day: date) -> None:
    link = Link(party=STRANGER, effective_date=day)
    await know(world, FRONT, next(_version), end_date=day, links=(link,))
    for each in (STRANGER, BACK):
        await know(world, each, next(_version))


def acting(world: World, rpc: str, party: str, acting_for: str) -> Any:
    return (*world.token(rpc, party=party), ("x-acting-for", acting_for))


@pytest.mark.parametrize(
    "rpc", sorted(rpc for rpc in READING if rpc not in {"WatchChanges", "ListDigestEntries"})
)
async def test_the_successor_reads_what_the_school_did(merged: World, rpc: str) -> None:
    request = merged.request(rpc)
    await end(merged, TODAY + timedelta(days=1))
    of_school = await merged.call(rpc, request)
    await end(merged, TODAY)
    standing_in = acting(merged, rpc, STRANGER, FRONT)
    assert await merged.call(rpc, request, metadata=standing_in) == of_school


@pytest.mark.parametrize("rpc", sorted(set(METHODS) - READING - {"BatchSubmitApplications"}))
async def test_nothing_is_done_by_who_has_ended_or_is_blocked(merged: World, rpc: str) -> None:
    token = merged.token(rpc, party=FRONT)
    code, details = await merged.refused(rpc, merged.request(rpc), metadata=token)
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "ORGANISATION_ENDED")
    assert details["metadata"]["successors"] == STRANGER
    await know(merged, FRONT, next(_version), is_blocked=True)
    code, details = await merged.refused(rpc, merged.request(rpc), metadata=token)
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "ORGANISATION_BLOCKED")


@pytest.mark.parametrize(
    ("caller", "acting_for"), [(BACK, FRONT), (STRANGER, BACK), (FRONT, STRANGER)]
)
async def test_nobody_else_stands_in(merged: World, caller: str, acting_for: str) -> None:
    rpc = "GetApplication"
    code, details = await merged.refused(
        rpc, merged.request(rpc), metadata=acting(merged, rpc, caller, acting_for)
    )
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "NOT_STAND_IN")


async def test_a_successor_does_not_stand_in_before_its_day(merged: World) -> None:
    await end(merged, TODAY + timedelta(days=1))
    rpc = "GetApplication"
    code, details = await merged.refused(
        rpc, merged.request(rpc), metadata=acting(merged, rpc, STRANGER, FRONT)
    )
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "NOT_STAND_IN")


async def test_without_saying_so_the_successor_is_a_stranger(merged: World) -> None:
    rpc = "GetApplication"
    code, _ = await merged.refused(
        rpc, merged.request(rpc), metadata=merged.token(rpc, party=STRANGER)
    )
    assert code is Code.NOT_FOUND


async def test_who_is_not_known_yet_is_asked_for_again(merged: World) -> None:
    rpc = "GetApplication"
    code, details = await merged.refused(
        rpc, merged.request(rpc), metadata=acting(merged, rpc, STRANGER, "unheard")
    )
    assert (code, details["reason"]) == (Code.UNAVAILABLE, "NOT_YET_KNOWN")


@pytest.mark.parametrize("rpc", ["CreateApplication", "SubmitApplication"])
async def test_the_successor_goes_on_with_applications_of_the_school(
    merged: World, rpc: str
) -> None:
    """The last of this module: it changes the world."""
    assert merged.rpcs[rpc].party == FRONT
    answer = await merged.call(
        rpc, merged.request(rpc), metadata=acting(merged, rpc, STRANGER, FRONT)
    )
    assert answer.front_organisation == f"organisations/{FRONT}"
    changes = await merged.service.rows("change")
    [written] = [
        each
        for each in changes
        if (each["resource_name"], each["version"]) == (answer.name, answer.version)
    ]
    # History says who did it, and the record whose it was.
    assert written["actor_organisation"] == STRANGER
