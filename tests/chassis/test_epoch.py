"""The identity of a history, and when it may be raised."""

import asyncio

import asyncpg
import pytest

from chassis.db import Database
from chassis.epoch import ServiceRunning, raise_epoch, read_head
from chassis.leadership import RELAY, lead
from chassis.sequencer import Sequencer
from chassis.tasks import end
from tests.chassis.conftest import Note, Suite, write


async def test_the_head_names_its_position_and_epoch(database: Database) -> None:
    before = await read_head(database)
    await write(database, Note("notes/1"))
    await Sequencer(database).number()
    after = await read_head(database)
    assert (before.position, after.position) == (0, 1)
    assert before.epoch == after.epoch
    identifier, timeline, counter = after.epoch.split("-")
    assert identifier.isdigit()
    assert (timeline, counter) == ("00000001", "1")


async def test_a_raised_epoch_keeps_the_position_and_is_never_met_again_after_a_restore(
    database: Database, suite: Suite
) -> None:
    first = await raise_epoch(database)
    connection = await asyncpg.connect(suite.dsns[database])
    await connection.execute("UPDATE head SET epoch_counter = 1")
    await connection.close()
    await asyncio.sleep(1.1)
    second = await raise_epoch(database)
    assert first.epoch != second.epoch


async def test_an_ordinary_role_may_read_the_epoch(database: Database, suite: Suite) -> None:
    role = suite.name("role_")
    connection = await asyncpg.connect(suite.dsns[database])
    await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    await connection.execute(f"GRANT SELECT ON head TO {role}")
    dsn = suite.dsns[database]
    server = dsn.rpartition("@")[2]
    async with suite.reopen(f"postgresql://{role}:x@{server}") as other:
        assert await read_head(other) == await read_head(database)
    await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    await connection.close()


async def test_the_epoch_is_not_raised_while_the_service_runs(database: Database) -> None:
    leading = asyncio.Event()

    async def work() -> None:
        leading.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(lead(database, RELAY, work))
    await leading.wait()
    with pytest.raises(ServiceRunning):
        await raise_epoch(database)
    await end(running)
    await raise_epoch(database)
