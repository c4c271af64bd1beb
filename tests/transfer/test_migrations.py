"""The migrations make the tables that the code uses, and keep what was there before."""

from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from chassis.db import Database
from chassis.migrations import create_all, describe, upgrade
from chassis.sealed import Sealer
from chassis.unsealed import seal_leftovers
from services.transfer import app
from services.transfer.store.tables import metadata
from tests.conftest import MakeDatabase
from tests.rows import insert, row_of
from tests.served import Served

_MIGRATIONS = Path(app.__file__).with_name("migrations")
BATCH, APPLICATION, OBJECTION = uuid4(), uuid4(), uuid4()


async def test_the_migrated_database_has_the_tables_of_the_code(
    make_database: MakeDatabase,
) -> None:
    migrated = await make_database("transfer", lambda dsn: upgrade(dsn, _MIGRATIONS))
    made = await make_database("transfer-tables", lambda dsn: create_all(dsn, metadata))
    assert await describe(migrated) == await describe(made)


async def test_texts_from_before_they_were_sealed_are_sealed_when_a_process_starts(
    make_database: MakeDatabase, transfer: Served
) -> None:
    keys = transfer.keys
    person, erased = uuid4(), uuid4()
    (key,) = (await keys.create_many([person])).values()

    async def with_rows(dsn: str) -> None:
        await upgrade(dsn, _MIGRATIONS, to="0001")
        await write_in_clear(dsn, [(APPLICATION, person), (uuid4(), erased)])
        await upgrade(dsn, _MIGRATIONS)

    dsn = await make_database("transfer-with-rows", with_rows)
    async with Database.open(dsn, pool_size=2, application_name="test") as database:
        # Two applications, one of an erased person, and an objection: two texts each.
        assert await seal_leftovers(database, keys, metadata) == 6
        assert await seal_leftovers(database, keys, metadata) == 0
        for table, row_id, fields in (
            ("application", APPLICATION, ("exemption_ground", "decision_reason")),
            ("objection", OBJECTION, ("ground", "decision")),
        ):
            async with database.connection() as connection:
                row = await row_of(connection, table, row_id)
            assert row["person_id"] == person
            for field in fields:
                opened = Sealer.open(key, person, field, row[f"sealed_{field}"])
                assert opened == f"{field} in clear"
        async with database.connection() as connection:
            of_the_erased = await connection.fetchval(
                "SELECT sealed_decision_reason FROM application WHERE person_id = $1", erased
            )
            assert of_the_erased == b""


async def write_in_clear(dsn: str, persons: list[tuple[UUID, UUID]]) -> None:
    """Write rows as the first version of the tables took them: what is not said is made up."""
    connection = await asyncpg.connect(dsn)
    try:
        await insert(connection, "transfer_batch", id=BATCH, quota=1, plan=1)
        for application_id, person_id in persons:
            await insert(
                connection,
                "application",
                id=application_id,
                batch_id=BATCH,
                person_id=person_id,
                member_id=uuid4(),
                exemption_ground="exemption_ground in clear",
                decision_reason="decision_reason in clear",
            )
        await insert(
            connection,
            "objection",
            id=OBJECTION,
            batch_id=BATCH,
            application_id=APPLICATION,
            ground="ground in clear",
            decision="decision in clear",
        )
    finally:
        await connection.close()
