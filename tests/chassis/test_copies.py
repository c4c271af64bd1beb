"""When a change is news to a copy, and which copies differ."""

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

from chassis import bulk
from chassis.copies import Leaf, differing, latest
from chassis.db import Database
from tests.chassis.conftest import Note, write

_A, _B = b"a" * 32, b"b" * 32
_COPY = Table(
    "copy_note",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("version", BigInteger),
    Column("sha256", LargeBinary),
)
_UPSERT = bulk.upsert_news(_COPY, ["sha256"])


@pytest.mark.parametrize(
    ("version", "sha256", "is_news"),
    [
        (3, _B, True),
        # Written anew by a source that was restored.
        (2, _B, True),
        (2, _A, False),
        (1, _B, False),
    ],
)
async def test_a_copy_takes_what_is_news_and_nothing_else(
    database: Database, version: int, sha256: bytes, *, is_news: bool
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "CREATE TABLE copy_note (id text PRIMARY KEY, version bigint, sha256 bytea)"
        )
        for each in ((2, _A), (version, sha256)):
            row = {"id": "notes/1", "version": each[0], "sha256": each[1]}
            values = bulk.arrays(["id", "version", "sha256"], [row])
            await connection.execute(_UPSERT.sql, *_UPSERT.arguments(values))
        kept = await connection.fetchrow("SELECT version, sha256 FROM copy_note")
    assert kept is not None
    assert tuple(kept) == ((version, sha256) if is_news else (2, _A))


async def test_exactly_the_differing_records_are_named(database: Database) -> None:
    await write(database, *(Note(f"notes/{n}", text=str(n)) for n in range(5)), Note("other/1"))
    await write(database, Note("notes/2", text="changed", version=2))
    source = await latest(database, ["notes"])
    assert len(source) == 5
    assert source["notes/2"].version == 2
    copies = dict(source)
    assert differing(copies, source) == []
    copies["notes/1"] = Leaf(1, _A)
    copies["notes/9"] = Leaf(1, _A)
    del copies["notes/4"]
    assert differing(copies, source) == ["notes/1", "notes/4", "notes/9"]
