"""Statements for many rows at once: the same for one and for a thousand, guarded by version."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateTable

from chassis import bulk, db
from chassis.db import Database, Transaction, VersionConflict

page = Table(
    "page",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("day", Date),
    Column("done", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("more", JSONB, nullable=False),
    CheckConstraint("title <> 'wrong'", name="page_title"),
)
COLUMNS = ["id", "version", "title", "day", "done", "sealed", "more"]
WRITTEN = COLUMNS[2:]
ADD = bulk.insert_many(page, COLUMNS)
SAVE = bulk.update_many(page, WRITTEN)


@dataclass(kw_only=True)
class Page:
    id: UUID
    version: int = 1
    title: str = "一"
    day: date | None = None
    done: bool = False
    sealed: bytes = b"\x00\xff"
    more: str = "[]"


@pytest.fixture
async def pages(database: Database) -> Database:
    async with database.connection() as connection:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        await connection.execute(str(CreateTable(page).compile(dialect=dialect)))
    return database


async def add(database: Database, *made: Page) -> list[Page]:
    async def work(tx: Transaction) -> None:
        await bulk.add(tx, ADD, COLUMNS, made)
        assert tx.pending.facts == list(made)

    await database.transact(work)
    return list(made)


async def stored(database: Database) -> dict[UUID, tuple[int, str]]:
    rows = await database.fetch(db.compile(text("SELECT * FROM page")))
    return {row["id"]: (row["version"], row["title"]) for row in rows}


async def test_every_kind_of_value_goes_there_and_back(pages: Database) -> None:
    made = [
        Page(id=uuid4(), title="𠮷, \"'{}\\ NULL", day=date(2024, 2, 29), done=True),
        Page(id=uuid4(), title="", day=None, sealed=b"", more='{"a": [1, null, "二"]}'),
    ]
    await add(pages, *made)
    rows = await pages.fetch(db.compile(text("SELECT * FROM page")))
    found = {row["id"]: Page(**{name: row[name] for name in COLUMNS}) for row in rows}
    assert found == {each.id: each for each in made}


async def test_a_thousand_are_one_statement(pages: Database) -> None:
    made = await add(pages, *(Page(id=uuid4()) for _ in range(1_000)))
    for each in made:
        each.version, each.title = 2, "二"

    async def work(tx: Transaction) -> None:
        assert await tx.execute(SAVE, **bulk.arrays(COLUMNS, map(vars, made))) == 1_000

    await pages.transact(work)
    assert set((await stored(pages)).values()) == {(2, "二")}


async def test_each_row_gets_its_own_values_and_others_keep_theirs(pages: Database) -> None:
    one, two, other = await add(pages, *(Page(id=uuid4()) for _ in range(3)))
    for each, title in ((two, "二"), (one, "一一")):
        each.version, each.title = 2, title

    async def work(tx: Transaction) -> None:
        await bulk.save(tx, SAVE, WRITTEN, [two, one])
        assert tx.pending.facts == [two, one]

    await pages.transact(work)
    assert await stored(pages) == {one.id: (2, "一一"), two.id: (2, "二"), other.id: (1, "一")}


@pytest.mark.parametrize("version", [1, 3, 0, -1])
async def test_a_save_of_another_version_conflicts_and_is_undone(
    pages: Database, version: int
) -> None:
    one, other = await add(pages, Page(id=uuid4()), Page(id=uuid4()))
    one.version, one.title = 2, "new"
    other.version, other.title = version, "new"
    attempts = 0

    async def work(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        if attempts > 1:
            return
        with pytest.raises(VersionConflict):
            await bulk.save(tx, SAVE, WRITTEN, [one, other])
        assert tx.pending.facts == []
        raise VersionConflict

    await pages.transact(work)
    assert set((await stored(pages)).values()) == {(1, "一")}


async def test_a_save_of_what_is_not_there_conflicts(pages: Database) -> None:
    async def work(tx: Transaction) -> None:
        with pytest.raises(VersionConflict):
            await bulk.save(tx, SAVE, WRITTEN, [Page(id=uuid4(), version=2)])

    await pages.transact(work)


async def test_a_broken_constraint_fails_all(pages: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await add(pages, Page(id=uuid4()), Page(id=uuid4(), title="wrong"))
    assert await stored(pages) == {}


async def test_nothing_to_write_is_no_statement(pages: Database) -> None:
    async def work(tx: Transaction) -> None:
        await bulk.add(tx, ADD, COLUMNS, [])
        await bulk.save(tx, SAVE, WRITTEN, [])
        assert tx.pending.facts == []

    await pages.transact(work)
    assert await stored(pages) == {}


@pytest.mark.parametrize("count", [bulk.COPY_ROWS_MIN - 1, bulk.COPY_ROWS_MIN])
async def test_many_rows_are_written_as_few_are_and_fail_as_few_do(
    pages: Database, count: int
) -> None:
    made = await add(pages, *(Page(id=uuid4(), version=number) for number in range(count)))
    assert await stored(pages) == {each.id: (each.version, each.title) for each in made}
    with pytest.raises(asyncpg.CheckViolationError):
        await add(pages, *(Page(id=uuid4()) for _ in range(count)), Page(id=uuid4(), title="wrong"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await add(pages, *(Page(id=uuid4()) for _ in range(count)), made[0])
    assert len(await stored(pages)) == count
