"""The migrations make the tables that the code uses."""

from chassis.migrations import create_all, describe
from services.assistance.store.tables import metadata
from tests.assistance.conftest import MakeDatabase


async def test_the_migrated_database_has_the_tables_of_the_code(
    assistance_dsn: str, make_database: MakeDatabase
) -> None:
    made = await make_database("assistance-tables", lambda dsn: create_all(dsn, metadata))
    assert await describe(assistance_dsn) == await describe(made)
