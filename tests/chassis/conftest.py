"""A service of the chassis alone: its tables, writers that record changes, a database for each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from chassis import changes
from chassis.db import Database, Transaction
from chassis.tables import metadata
from deploy.local.nats import NatsServer

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


@dataclass
class Note:
    """An aggregate as small as can be."""

    name: str
    text: str = ""
    audience: tuple[str, ...] = ("*",)
    version: int = 1
    event: str | None = "NoteWritten"


def encode_note(note: Note) -> changes.Encoded:
    return changes.Encoded(note.name, StringValue(value=note.text), note.audience)


ENCODERS = changes.Encoders({Note: encode_note})


def origin(organisation: str = "alpha") -> changes.Origin:
    return changes.Origin("writer", organisation, NOON, "00-" + "1" * 32 + "-" + "2" * 16 + "-01")


async def write(database: Database, *notes: Note) -> None:
    """Record one change for each note, in one transaction."""

    async def work(tx: Transaction) -> None:
        tx.note(notes)
        await changes.record(tx, ENCODERS, origin())

    await database.transact(work)


async def migrate(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        await connection.execute(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            await connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
    await connection.execute("INSERT INTO head (singleton) VALUES (true)")
    await connection.execute("INSERT INTO published (singleton) VALUES (true)")
    await connection.close()


async def until(condition: Callable[[], bool], *, within_s: float = 8) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for raises no event
            await asyncio.sleep(0.01)


@dataclass
class Suite:
    """Makes databases, and names that no other test uses."""

    make: MakeDatabase
    dsns: dict[Database, str] = field(default_factory=dict)

    @asynccontextmanager
    async def database(self, *, pool_size: int = 8) -> AsyncIterator[Database]:
        """Open a new database with the chassis' tables."""
        dsn = await self.make("chassis", migrate)
        async with self.reopen(dsn, pool_size=pool_size) as database:
            yield database

    @asynccontextmanager
    async def reopen(self, dsn: str, *, pool_size: int = 8) -> AsyncIterator[Database]:
        """Open a database as another process of the service does."""
        async with Database.open(dsn, pool_size=pool_size, application_name="test") as database:
            self.dsns[database] = dsn
            yield database

    @staticmethod
    def name(prefix: str = "s") -> str:
        return f"{prefix}{uuid4().hex[:10]}"


@pytest.fixture
def suite(make_database: MakeDatabase) -> Suite:
    return Suite(make_database)


@pytest.fixture
async def database(suite: Suite) -> AsyncIterator[Database]:
    async with suite.database() as database:
        yield database


@pytest.fixture
def own_nats(tmp_path: Path) -> NatsServer:
    """Return a server that a test may stop, kill and rob of its store; it starts it itself."""
    return NatsServer(tmp_path / "nats")
