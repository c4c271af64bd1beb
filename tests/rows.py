"""Writes rows as an earlier version of the tables took them; what is not said is made up."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import asyncpg

_MADE_UP: dict[str, Any] = {
    "bigint": 1,
    "boolean": False,
    "bytea": b"",
    "date": date(2020, 9, 1),
    "integer": 0,
    "jsonb": "[]",
    "text": "",
    "timestamp with time zone": datetime(2020, 9, 1, tzinfo=UTC),
}


async def insert(connection: asyncpg.Connection, table: str, **given: Any) -> None:
    """Insert a row of a table, with something in every column that must have a value."""
    columns = await connection.fetch(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = $1 AND is_nullable = 'NO'",
        table,
    )
    row = {each["column_name"]: _MADE_UP.get(each["data_type"], uuid4()) for each in columns}
    row |= given
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608 - of the catalogue
        *row.values(),
    )


async def row_of(connection: asyncpg.Connection, table: str, row_id: Any) -> Any:
    """Return the row of a table with this id."""
    return await connection.fetchrow(
        f"SELECT * FROM {table} WHERE id = $1",  # noqa: S608 - named by the test
        row_id,
    )
