"""The one way to the database: what is committed, what is not, and what becomes of connections."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from chassis import db
from chassis.db import Database, Transaction
from tests.chassis.conftest import Suite

_KEEP = db.compile(text("INSERT INTO unsequenced (change_id) VALUES (7)"))
_KEPT = db.compile(text("SELECT count(*) FROM unsequenced"))
_FORGET = db.compile(text("DELETE FROM unsequenced"))
_SLEEP = db.compile(text("SELECT pg_sleep(60)"))
_LOSE_CONNECTION = db.compile(text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def test_what_was_written_is_there_after_the_commit(database: Database) -> None:
    assert await database.transact(lambda tx: tx.execute(_KEEP)) == 1
    assert await database.fetch_value(_KEPT) == 1


async def test_a_failed_statement_that_is_passed_over_is_never_taken_for_a_commit(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> str:
        await tx.execute(_KEEP)
        try:
            await tx.execute(_KEEP)
        except asyncpg.UniqueViolationError:
            return "done"
        raise AssertionError

    with pytest.raises(RuntimeError, match="not committed"):
        await database.transact(work)
    assert await database.fetch_value(_KEPT) == 0


async def test_a_transaction_reads_what_is_committed_whatever_the_database_prefers(
    suite: Suite, database: Database
) -> None:
    name = await database.fetch_value(db.compile(text("SELECT current_database()")))
    async with database.connection() as connection:
        await connection.execute(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        )
    async with suite.reopen(suite.dsns[database]) as again:
        show = db.compile(text("SELECT current_setting('transaction_isolation')"))
        assert await again.fetch_value(show) == "serializable"
        assert await again.transact(lambda tx: tx.fetch_value(show)) == "read committed"


async def test_the_server_looks_within_seconds_whether_a_silent_client_is_there(
    database: Database,
) -> None:
    looks = db.compile(
        text(
            "SELECT sum(setting::int * CASE name WHEN 'tcp_keepalives_idle' THEN 1 ELSE 3 END)"
            " FROM pg_settings WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval')"
        )
    )
    assert 0 < await database.fetch_value(looks) <= 30


async def test_a_cancelled_transaction_is_rolled_back_and_its_connection_serves_on(
    suite: Suite,
) -> None:
    async with suite.database(pool_size=1) as database:

        async def work(tx: Transaction) -> None:
            await tx.execute(_KEEP)
            await tx.fetch(_SLEEP)

        task = asyncio.create_task(database.transact(work))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await database.fetch_value(_KEPT) == 0


async def test_no_moment_of_a_cancellation_leaves_a_transaction_to_the_pool(suite: Suite) -> None:
    loop = asyncio.get_running_loop()
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    try:
        async with suite.database(pool_size=1) as database:
            for steps in range(30):
                task = asyncio.create_task(database.transact(lambda tx: tx.execute(_KEEP)))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                await database.execute(_FORGET)
    finally:
        loop.set_exception_handler(None)
    assert complaints == []


async def test_a_lost_connection_is_an_outage_and_the_next_transaction_passes(
    suite: Suite,
) -> None:
    async with suite.database(pool_size=1) as database:
        # The error of the work, not that of rolling back.
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError)):
            await database.transact(lambda tx: tx.fetch(_LOSE_CONNECTION))
        assert await database.transact(lambda tx: tx.execute(_KEEP)) == 1


async def test_a_count_is_planned_with_its_values_and_writes_nothing(database: Database) -> None:
    settings = db.compile(
        text(
            "SELECT current_setting('plan_cache_mode') || ' ' ||"
            " current_setting('transaction_read_only')"
        )
    )
    counting = database.counting()
    assert await counting.fetch_value(settings) == "force_custom_plan on"
    assert [*map(tuple, await counting.fetch(settings))] == [("force_custom_plan on",)]
    # What was set is gone with the count.
    assert await database.fetch_value(settings) == "auto off"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await counting.fetch(_KEEP)
    assert await database.fetch_value(_KEPT) == 0
