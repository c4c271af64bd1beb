"""The migrations make the tables that the code uses, and keep what was there before."""

from datetime import date
from uuid import uuid4

import asyncpg

from chassis.db import Database
from chassis.migrations import create_all, describe, upgrade
from chassis.sealed import Sealer
from chassis.unsealed import seal_leftovers
from services.enrollment.store.tables import metadata
from tests.enrollment.conftest import MIGRATIONS, MakeDatabase
from tests.rows import insert, row_of
from tests.served import Served

PERSON, RECORD, MEMBER, CODED = uuid4(), uuid4(), uuid4(), uuid4()


async def test_the_migrated_database_has_the_tables_of_the_code(
    enrollment_dsn: str, make_database: MakeDatabase
) -> None:
    created = await make_database("enrollment-tables", lambda dsn: create_all(dsn, metadata))
    assert await describe(enrollment_dsn) == await describe(created)


async def test_numbers_and_reasons_from_before_they_were_sealed_are_sealed_at_the_start(
    make_database: MakeDatabase, fresh_enrollment: Served
) -> None:
    keys = fresh_enrollment.keys
    (key,) = (await keys.create_many([PERSON])).values()

    async def with_rows(dsn: str) -> None:
        await upgrade(dsn, MIGRATIONS, to="0013")
        await write_in_clear(dsn)
        await upgrade(dsn, MIGRATIONS)

    dsn = await make_database("enrollment-with-rows", with_rows)
    async with Database.open(dsn, pool_size=2, application_name="test") as database:
        assert await seal_leftovers(database, keys, metadata) == 3
        async with database.connection() as connection:
            record = await row_of(connection, "status_record", RECORD)
            member = await row_of(connection, "cohort_member", MEMBER)
            coded = await row_of(connection, "cohort_member", CODED)
    for row, field, clear in (
        (record, "diploma_number", "2023320001"),
        (record, "certificate_number", "JY20233201"),
        (member, "left_reason", "家中变故"),
    ):
        assert Sealer.open(key, PERSON, field, row[f"sealed_{field}"]) == clear
    assert member["left_reason"] == ""
    assert (coded["left_reason"], coded["sealed_left_reason"]) == ("21 TRANSFER_OUT", b"")


async def write_in_clear(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        # What these rows point at does not matter here.
        await connection.execute("SET session_replication_role = replica")
        await insert(connection, "person", id=PERSON)
        for member_id, reason in ((MEMBER, "家中变故"), (CODED, "21 TRANSFER_OUT")):
            await insert(
                connection,
                "cohort_member",
                id=member_id,
                person_id=PERSON,
                state="LEFT",
                left_reason=reason,
            )
        await insert(
            connection,
            "status_record",
            id=RECORD,
            person_id=PERSON,
            state="GRADUATED",
            stage="OUTSIDE",
            valid_to_date=date(2023, 6, 30),
            diploma_number="2023320001",
            certificate_number="JY20233201",
        )
    finally:
        await connection.close()
