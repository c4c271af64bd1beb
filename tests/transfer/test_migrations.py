"""The migrations make the tables that the code uses."""

from pathlib import Path

from chassis.migrations import create_all, describe, upgrade
from services.transfer import app
from services.transfer.store.tables import metadata
from tests.conftest import MakeDatabase

_MIGRATIONS = Path(app.__file__).with_name("migrations")


async def test_the_migrated_database_has_the_tables_of_the_code(
    make_database: MakeDatabase,
) -> None:
    migrated = await make_database("transfer", lambda dsn: upgrade(dsn, _MIGRATIONS))
    made = await make_database("transfer-tables", lambda dsn: create_all(dsn, metadata))
    assert await describe(migrated) == await describe(made)
