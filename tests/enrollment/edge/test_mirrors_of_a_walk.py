"""Consumers follow a random walk of registrars, and end with what the service holds.

Several registrars write at once. Consumers are stopped at random records, and so is the numbering
of the history; who begins when all is over holds the same as who followed.
"""

import asyncio
import hashlib
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from guantong.common.v1.event_pb2 import Change

from chassis.copies import latest
from tests.enrollment import made
from tests.enrollment.conftest import Desk
from tests.enrollment.walk import SECOND_FRONT, Walk
from tests.mirror import Mirror, Source
from tests.served import Served

READERS = {
    made.FRONT: "agent",
    SECOND_FRONT: "agent",
    made.BACK: "agent",
    made.STRANGER: "agent",
    "szedu": "bureau_officer",
}
# Each kind of step is taken, in all walks together.
KINDS = {
    *("enrol", "graduate", "remove", "merge", "split", "correct", "erase", "declare", "suspend"),
}
WALKERS, STEPS = 3, 70
done: Counter[str] = Counter()


class Killed(Exception):
    """Something was stopped here."""


class Mortal(Mirror):
    """Stopped at a random record, now and then."""

    chance = random.Random(7)  # noqa: S311 - chance, not secrecy

    def _keep(self, change: Change) -> None:
        if self.chance.random() < 0.01:
            raise Killed
        super()._keep(change)


class Attentive(Mirror):
    """Reads the whole history, removals too."""

    def __init__(self, path: Path, source: Source, *, page_size: int = 1000) -> None:
        super().__init__(path, source, page_size=page_size)
        self.removed: set[str] = set()
        self._file.execute("UPDATE stand SET is_loaded = 1")

    def _remove(self, change: Change) -> None:
        self.removed.add(change.resource_name)
        super()._remove(change)


class Clinging(Attentive):
    """Keeps what left its scope."""

    def _remove(self, change: Change) -> None:
        self.removed.add(change.resource_name)


def source(service: Served, party: str) -> Source:
    return Source(service=service, name="enrollment", party=party, role=READERS[party])


async def number(service: Served, chance: random.Random) -> None:
    """Number the history, stopped now and then in the middle of its work."""
    while True:
        task = asyncio.create_task(service.base.sequencer.run())
        try:
            await asyncio.sleep(chance.random() * 0.4)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class Follower:
    """A consumer, and whoever follows it on the same file after it was stopped."""

    def __init__(self, path: Path, source: Source) -> None:
        self.mirror: Mirror = Mortal(path, source, page_size=13)
        self.deaths = 0

    async def follow(self) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(0.1)

    async def catch_up(self) -> None:
        while True:
            try:
                return await self.mirror.catch_up()
            except Killed:
                self.deaths += 1
                self.mirror = self.mirror.reopened()


async def walk(service: Served, followers: list[Follower], *, seed: int) -> None:
    """Let registrars and consumers go at once, until the registrars are through."""
    desk = Desk(service.base.database, service.keys)
    walkers = await Walk.begin(desk, seed=seed, walkers=WALKERS)
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    background = [
        asyncio.create_task(each)
        for each in (number(service, chance), *(each.follow() for each in followers))
    ]
    await asyncio.gather(*(each.go(STEPS) for each in walkers))
    for task in background:
        task.cancel()
    outcomes = await asyncio.gather(*background, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in outcomes), outcomes
    while await service.base.sequencer.number():
        pass
    for each in walkers:
        done.update(each.done)


@pytest.mark.parametrize("seed", [1, 2])
async def test_all_who_follow_a_walk_hold_in_the_end_what_the_service_holds(
    fresh_enrollment: Served, tmp_path: Path, seed: int
) -> None:
    service = fresh_enrollment
    followers = {party: Follower(tmp_path / party, source(service, party)) for party in READERS}
    await walk(service, list(followers.values()), seed=seed)
    for party, follower in followers.items():
        await follower.catch_up()
        assert await follower.mirror.check() == set(), party
        fresh = Mirror(tmp_path / f"{party}-fresh", source(service, party))
        await fresh.catch_up()
        assert fresh.records() == follower.mirror.records(), party
    assert sum(each.deaths for each in followers.values()) >= 5
    held = followers["szedu"].mirror.records()
    stored = await latest(service.base.database, {each.partition("/")[0] for each in held})
    assert held == {name: (leaf.version, leaf.sha256) for name, leaf in stored.items()}
    await _find_what_clings(service, tmp_path)
    await _find_another_content(service, tmp_path)


async def _find_what_clings(service: Served, folder: Path) -> None:
    """Who keeps what a split took out of its scope is found; who does not is right."""
    removed: set[str] = set()
    for party in READERS:
        right = Attentive(folder / f"{party}-attentive", source(service, party))
        await right.catch_up()
        assert await right.check() == set(), party
        wrong = Clinging(folder / f"{party}-clinging", source(service, party))
        await wrong.catch_up()
        found = await wrong.check()
        assert found == right.removed - right.records().keys(), party
        removed |= found
        await wrong.mend()
        assert await wrong.check() == set()
    done["removal found"] += len(removed)


async def _find_another_content(service: Served, folder: Path) -> None:
    """The service was restored and wrote a version anew: the copy has the number, not the rest."""
    mirror = Mirror(folder / "restored", source(service, made.BACK))
    await mirror.catch_up()
    name = sorted(mirror.records())[7]
    version, _ = mirror.records()[name]
    async with service.base.database.connection() as connection:
        await connection.execute(
            "UPDATE change SET resource_sha256 = $3 WHERE resource_name = $1 AND version = $2",
            name,
            version,
            hashlib.sha256(b"other").digest(),
        )
    assert await mirror.check() == {name}


def test_every_kind_of_step_was_taken_and_every_fault_could_show() -> None:
    """The last of this module: it counts what the walks have done."""
    missing = {kind for kind in {*KINDS, "removal found"} if not done[kind]}
    assert missing == set(), dict(done)


def test_a_walk_decides_the_same_of_the_same_seed() -> None:
    nothing: Any = None
    one, other = (Walk(nothing, [], seed=3, serials=nothing) for _ in range(2))
    choices = [
        [each._chance.choice(each._steps).__name__ for _ in range(50)] for each in (one, other)
    ]
    assert choices[0] == choices[1]
