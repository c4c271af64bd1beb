"""How transactions are planned: once, and along the indexes, whatever the statistics say."""

from uuid import uuid4

from sqlalchemy import Text, bindparam, text

from chassis import db
from chassis.db import Database, Transaction
from chassis.tables import request
from tests.chassis.conftest import Suite

_FIND = db.compile(
    request.select().where(request.c.organisation == bindparam("organisation", type_=Text))
)
_EXPLAIN = db.compile(
    text(f"EXPLAIN SELECT * FROM change WHERE event_id = ANY (ARRAY['{uuid4()}']::uuid[])")  # noqa: S608
)
_PLANS = db.compile(
    text(
        "SELECT custom_plans, generic_plans FROM pg_prepared_statements "
        "WHERE statement LIKE 'SELECT request.organisation%'"
    )
)


async def test_a_transaction_finds_rows_by_an_index_though_the_table_is_empty(
    database: Database,
) -> None:
    async def plan(tx: Transaction) -> str:
        return str([tuple(row.values()) for row in await tx.fetch(_EXPLAIN)])

    # It may be full when the plan is used, and the plan is made once.
    assert "change_event_id_key" in await database.transact(plan)


async def test_transactions_plan_a_statement_once_and_reads_each_time(suite: Suite) -> None:
    async with suite.database(pool_size=1) as database:
        for _ in range(3):
            await database.transact(lambda tx: tx.fetch(_FIND, organisation="alpha"))
        for _ in range(2):
            await database.fetch(_FIND, organisation="alpha")
        row = await database.fetch_one(_PLANS)
    assert row is not None
    assert (row["custom_plans"], row["generic_plans"]) == (2, 3)
