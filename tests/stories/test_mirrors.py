"""Consumers that start from nothing, or are stopped on the way, hold in the end what they should.

The whole main case runs on the three services; mirrors of each party follow it, or begin when it is
over. Then faults are planted in them one by one, and the digest must find each.
"""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from guantong.common.v1.event_pb2 import Change

from chassis.copies import latest
from deploy.story import main
from deploy.story.desk import Desk
from deploy.story.main import run_story
from tests.mirror import FEEDS, Mirror, Source
from tests.suite import MakeDatabase, Suite, in_process

# The front school, the back college, and who sees all records of the region.
READERS = {"siyang": "agent", "szai": "agent", "szedu": "bureau_officer"}


class Killed(Exception):
    """A consumer was stopped here."""


class Mortal(Mirror):
    """Stopped at a random record, now and then, before anything of the page is kept."""

    chance = random.Random(5)  # noqa: S311 - chance, not secrecy

    def _keep(self, change: Change) -> None:
        if self.chance.random() < 0.02:
            raise Killed
        super()._keep(change)


@dataclass
class Told:
    """The suite after the main case, and the mirrors that followed it, with their deaths."""

    suite: Suite
    followers: dict[tuple[str, str], Mirror]
    deaths: Counter[tuple[str, str]]


def source(suite: Suite, name: str, party: str, role: str = "") -> Source:
    return Source(service=suite.services[name], name=name, party=party, role=role or READERS[party])


async def _follow(told: Told, key: tuple[str, str], path: Path) -> None:
    """Follow, and start anew on the same file whenever it was stopped."""
    mirror = told.followers[key] = Mortal(path, source(told.suite, *key), page_size=20)
    while True:
        try:
            await mirror.catch_up()
        except Killed:
            told.deaths[key] += 1
            mirror = told.followers[key] = mirror.reopened()
        await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
async def told(
    make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Told]:
    folder = tmp_path_factory.mktemp("suite")
    async with in_process(make_database, folder) as suite:
        told = Told(suite, {}, Counter())
        following = [
            asyncio.create_task(_follow(told, (name, party), folder / f"{name}-{party}"))
            for name in FEEDS
            for party in READERS
        ]

        @asynccontextmanager
        async def open_desk(_door: Any) -> AsyncIterator[Desk]:
            yield Desk(suite.door, suite.channel)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(main, "open_desk", open_desk)
            result = await run_story(suite.door, lambda _: None)
        assert (result.registered, result.dead_letters, result.copies_equal) == (27, 0, True)
        await suite.settle()
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        yield told


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("party", READERS)
async def test_who_begins_from_nothing_ends_with_what_the_service_holds(
    told: Told, tmp_path: Path, name: str, party: str
) -> None:
    mirror = Mirror(tmp_path / "mirror", source(told.suite, name, party), page_size=50)
    await mirror.catch_up()
    assert await mirror.check() == set()
    held = mirror.records()
    assert held
    if READERS[party] == "bureau_officer":
        service = told.suite.services[name]
        types = {each.partition("/")[0] for each in held}
        stored = await latest(service.base.database, types)
        assert held == {key: (leaf.version, leaf.sha256) for key, leaf in stored.items()}
    mirror.close()


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("party", READERS)
async def test_who_was_stopped_on_the_way_holds_the_same_as_who_begins(
    told: Told, tmp_path: Path, name: str, party: str
) -> None:
    follower, fresh = (
        told.followers[name, party],
        Mirror(tmp_path / "mirror", source(told.suite, name, party)),
    )
    await fresh.catch_up()
    while True:
        try:
            await follower.catch_up()
            break
        except Killed:
            follower = told.followers[name, party] = follower.reopened()
    assert follower.records() == fresh.records()
    assert await follower.check() == set()
    fresh.close()


def test_they_were_stopped_often_enough(told: Told) -> None:
    assert told.deaths.total() >= 5


# Faults of a consumer, planted one by one.


class Skipping(Mirror):
    """Passes over one record of the feed."""

    skipped = ""

    def _keep(self, change: Change) -> None:
        if not self.skipped:
            self.skipped = change.resource_name
            return
        super()._keep(change)


class Hasty(Mirror):
    """Keeps where a page ends before it is applied, and is stopped in between."""

    is_stopped = False

    def _take(self, page: Any) -> None:
        self._stand(page)
        if not self.is_stopped and page.more:
            self.is_stopped = True
            raise Killed
        super()._take(page)


@pytest.mark.parametrize("name", FEEDS)
async def test_a_record_that_was_passed_over_is_found_and_mended(
    told: Told, tmp_path: Path, name: str
) -> None:
    mirror = Skipping(tmp_path / "mirror", source(told.suite, name, "szai"))
    await mirror.catch_up()
    assert await mirror.check() == {mirror.skipped}
    await mirror.mend()
    assert await mirror.check() == set()
    mirror.close()


async def test_a_position_that_was_kept_before_its_changes_is_found(
    told: Told, tmp_path: Path
) -> None:
    mirror = Hasty(tmp_path / "mirror", source(told.suite, "transfer", "siyang"), page_size=10)
    with pytest.raises(Killed):
        await mirror.catch_up()
    await mirror.catch_up()
    missing = await mirror.check()
    assert len(missing) == 10
    assert not missing & mirror.records().keys()
    mirror.close()


@pytest.mark.parametrize(
    "fault",
    [
        # The bytes were altered here, and the version says nothing of it.
        "UPDATE record SET content = zeroblob(8) WHERE name = ?",
        # What came was other than what the service has at the same version, as after a restore.
        "UPDATE record SET sha256 = zeroblob(32) WHERE name = ?",
        "UPDATE record SET version = version + 1 WHERE name = ?",
        "DELETE FROM record WHERE name = ?",
    ],
)
async def test_a_record_that_was_altered_here_is_found(
    told: Told, tmp_path: Path, fault: str
) -> None:
    mirror = Mirror(tmp_path / "mirror", source(told.suite, "transfer", "szai"))
    await mirror.catch_up()
    names = sorted(mirror.records())[::7]
    assert len(names) >= 5
    with sqlite3.connect(tmp_path / "mirror") as file:
        file.executemany(fault, [(name,) for name in names])
    file.close()
    assert await mirror.check() == set(names)
    await mirror.mend()
    assert await mirror.check() == set()
    mirror.close()


async def test_a_record_that_is_not_ones_own_is_found(told: Told, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "mirror", source(told.suite, "assistance", "siyang"))
    await mirror.catch_up()
    with sqlite3.connect(tmp_path / "mirror") as file:
        file.execute(
            "INSERT INTO record VALUES ('pairings/made-up', 1, zeroblob(32), x'', x'', '', 0)"
        )
    file.close()
    assert await mirror.check() == {"pairings/made-up"}
    await mirror.mend()
    assert await mirror.check() == set()
    mirror.close()
