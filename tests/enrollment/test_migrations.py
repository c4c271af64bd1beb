"""The migrations make the tables that the code uses."""

from chassis.migrations import create_all, describe
from services.enrollment.store.tables import metadata
from tests.enrollment.conftest import MakeDatabase


async def test_the_migrated_database_has_the_tables_of_the_code(
    enrollment_dsn: str, make_database: MakeDatabase
) -> None:
    created = await make_database("enrollment-tables", lambda dsn: create_all(dsn, metadata))
    assert await describe(enrollment_dsn) == await describe(created)
