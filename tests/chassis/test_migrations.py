"""What becomes of a database that another version of the code has migrated."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from chassis.keystore.__main__ import MIGRATIONS
from chassis.migrations import DatabaseNewer, describe, upgrade
from tests.chassis.test_run import SETTINGS
from tests.conftest import MakeDatabase

# A service whose migrations are those of the key store: any will do.
SERVICE = """
from chassis.changes import Encoders
from chassis.keystore.__main__ import MIGRATIONS
from chassis.run import Service, main

nothing = {"encoders": Encoders({}), "handlers": {}}
main(Service(name="library", running=None, migrations=MIGRATIONS, **nothing))
"""
SAID = "at migration 9999, which this code does not know: its last is "


@pytest.fixture
async def newer(make_database: MakeDatabase) -> str:
    """The address of a database that newer code has migrated."""

    async def migrate(dsn: str) -> None:
        await upgrade(dsn, MIGRATIONS)
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        finally:
            await connection.close()

    return await make_database("migrated-by-newer-code", migrate)


async def test_a_database_that_newer_code_migrated_is_refused_and_left_as_it_is(
    newer: str,
) -> None:
    before = await describe(newer)
    with pytest.raises(DatabaseNewer) as refused:
        await upgrade(newer, MIGRATIONS)
    assert SAID in str(refused.value)
    assert "Start the newer code again, or restore a backup" in str(refused.value)
    assert await describe(newer) == before


async def test_the_commands_say_so_in_one_line(newer: str, tmp_path: Path) -> None:
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    settings = SETTINGS | {"GUANTONG_DATABASE_DSN": newer, "GUANTONG_KEYSTORE_DSN": newer}
    for program in ([str(script)], ["-m", "chassis.keystore"]):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *program, "migrate"),
            env={**os.environ, **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, said = await process.communicate()
        assert (process.returncode, output) == (1, b"")
        (line,) = said.decode().splitlines()
        assert SAID in line
