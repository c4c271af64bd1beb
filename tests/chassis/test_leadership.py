"""One worker at a time: take-over when it dies, and no work without the lock."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import text

from chassis import db
from chassis.leadership import lead
from chassis.tasks import end
from tests.chassis.conftest import Suite, until

_HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
_THIS = "(SELECT oid FROM pg_database WHERE datname = current_database())"


def _worker(active: list[str], name: str) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        active.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            active.remove(name)

    return work


async def test_when_the_session_of_the_leader_dies_it_stops_and_another_takes_over(
    suite: Suite,
) -> None:
    active: list[str] = []
    async with suite.database() as one, suite.reopen(suite.dsns[one]) as two:
        first = asyncio.create_task(lead(one, "work", _worker(active, "first")))
        await until(lambda: active == ["first"])
        second = asyncio.create_task(lead(two, "work", _worker(active, "second")))
        await asyncio.sleep(0.4)
        assert active == ["first"]
        control = await asyncpg.connect(suite.dsns[one])
        [holder] = await control.fetch(_HOLDERS + _THIS)
        await control.execute("SELECT pg_terminate_backend($1)", holder["pid"])
        await until(lambda: active != ["first"])
        await until(lambda: len(active) == 1)
        await end(first)
        await until(lambda: active == ["second"])
        await end(second)
        assert active == []
        assert await control.fetch(_HOLDERS + _THIS) == []
        await control.close()


async def test_what_the_work_raises_is_raised_and_the_lock_is_free(suite: Suite) -> None:
    async def fail() -> None:
        raise LookupError

    active: list[str] = []
    async with suite.database() as database:
        with pytest.raises(LookupError):
            await lead(database, "work", fail)
        other = asyncio.create_task(lead(database, "work", _worker(active, "other")))
        await until(lambda: active == ["other"])
        await end(other)


async def test_no_moment_of_a_cancellation_leaves_the_lock_with_the_pool(suite: Suite) -> None:
    async with suite.database(pool_size=2) as database:
        await database.fetch_value(db.compile(text("SELECT 1")))
        control = await asyncpg.connect(suite.dsns[database])
        for steps in range(30):
            task = asyncio.create_task(lead(database, "work", _worker([], "any")))
            for _ in range(steps):
                await asyncio.sleep(0)
            await end(task)
            # Time for the server to do what was under way, and to end sessions.
            await asyncio.sleep(0.02)
            async with asyncio.timeout(5):
                while await control.fetch(_HOLDERS + _THIS):  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.05)
        await control.close()
