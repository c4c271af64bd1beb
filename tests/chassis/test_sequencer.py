"""Positions: no gap, no loss, versions in order, whatever the writers do."""

import asyncio
import random
from contextlib import suppress

import pytest
from sqlalchemy import text

from chassis import changes, db
from chassis.db import Database, Transaction
from chassis.sequencer import BATCH_MAX, Sequencer
from chassis.tasks import end
from tests.chassis.conftest import ENCODERS, Note, Suite, origin, write

_PLACED = db.compile(
    text(
        "SELECT position, change_id, resource_name, version FROM change_position "
        "JOIN change ON change.id = change_id ORDER BY position"
    )
)
_COUNT = db.compile(text("SELECT count(*) FROM change"))
_AUDIENCE = db.compile(text("SELECT party FROM audience WHERE position = CAST(:p AS bigint)"))
# The guard of a record: a writer waits here for the one before it, as stores do.
_CREATE = db.compile(text("CREATE TABLE record (name text PRIMARY KEY, version bigint NOT NULL)"))
_FILL = db.compile(text("INSERT INTO record SELECT 'notes/' || n, 0 FROM generate_series(0, 9) n"))
_RAISE = db.compile(
    text("UPDATE record SET version = version + 1 WHERE name = :name RETURNING version")
)


class Withdrawn(Exception):
    """A writer that gives up."""


async def _write_some(database: Database, seed: int, count: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable
    for _ in range(count):

        async def work(tx: Transaction) -> None:
            for name in sorted({f"notes/{chance.randrange(10)}" for _ in range(2)}):
                version = await tx.fetch_value(_RAISE, name=name)
                tx.note([Note(name, version=version)])
                await changes.record(tx, ENCODERS, origin())
                await asyncio.sleep(chance.random() * 0.004)
            if chance.random() < 0.25:
                raise Withdrawn

        with suppress(Withdrawn):
            await database.transact(work)


async def test_twelve_writers_that_hold_and_withdraw_lose_nothing_and_leave_no_gap(
    suite: Suite,
) -> None:
    async with suite.database(pool_size=16) as database:
        await database.execute(_CREATE)
        await database.execute(_FILL)
        # Two at a time, as while one takes over from another that is not yet gone.
        sequencers = [Sequencer(database, poll_s=0.002) for _ in range(2)]
        running = [asyncio.create_task(each.run()) for each in sequencers]
        await asyncio.gather(*(_write_some(database, seed, 30) for seed in range(12)))
        assert not any(task.done() for task in running)
        await end(*running)
        while await sequencers[0].number():
            pass
        rows = await database.fetch(_PLACED)
        assert len(rows) == await database.fetch_value(_COUNT) > 200
        assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
        versions: dict[str, int] = {}
        for row in rows:
            assert row["version"] == versions.get(row["resource_name"], 0) + 1
            versions[row["resource_name"]] = row["version"]


async def test_a_batch_is_bounded_and_the_rest_follows(database: Database) -> None:
    sequencer = Sequencer(database)
    await write(database, *(Note(f"notes/{n}") for n in range(BATCH_MAX + 7)))
    assert [await sequencer.number() for _ in range(3)] == [BATCH_MAX, 7, 0]


async def test_listeners_learn_the_new_position(database: Database) -> None:
    sequencer = Sequencer(database)
    heard: list[int] = []
    sequencer.on_advance(heard.append)
    await write(database, Note("notes/1"), Note("notes/2"))
    await sequencer.number()
    await sequencer.number()
    assert heard == [2]


async def test_a_commit_wakes_the_sequencer_of_its_process(database: Database) -> None:
    sequencer = Sequencer(database, poll_s=60)
    heard = asyncio.Event()
    sequencer.on_advance(lambda _: heard.set())
    running = asyncio.create_task(sequencer.run())
    await asyncio.sleep(0.05)
    await write(database, Note("notes/1"))
    await asyncio.wait_for(heard.wait(), 2)
    await end(running)


@pytest.mark.parametrize(
    ("before", "after", "announced"),
    [
        (("alpha", "beta"), ("beta", "gamma"), {"alpha", "beta", "gamma"}),
        (("alpha",), (), {"alpha"}),
        (("*",), ("alpha",), {"*", "alpha"}),
    ],
)
async def test_parties_that_lose_sight_of_a_record_are_told_at_that_position(
    database: Database,
    before: tuple[str, ...],
    after: tuple[str, ...],
    announced: set[str],
) -> None:
    sequencer = Sequencer(database)
    await write(database, Note("notes/1", audience=before))
    await write(database, Note("notes/1", audience=after, version=2))
    await sequencer.number()
    assert {row["party"] for row in await database.fetch(_AUDIENCE, p=2)} == announced
