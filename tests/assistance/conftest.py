"""A migrated database of the assistance service for each test, and a desk that runs commands."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from chassis import changes, db, keystore
from chassis.db import Database, Transaction
from chassis.identity import Caller
from chassis.migrations import upgrade
from services.assistance import app
from services.assistance.commands.change_copies import change_copies
from services.assistance.commands.count_registrations import count_registrations
from services.assistance.domain.registration import Registration
from tests.assistance.made import NOON, OFFICE, ORGANISATIONS
from tests.served import Served, served

T = TypeVar("T")
MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
_MIGRATIONS = Path(app.__file__).with_name("migrations")
_KEYSTORE_MIGRATIONS = Path(keystore.__file__).with_name("migrations")


async def migrated(make_database: MakeDatabase) -> str:
    return await make_database("assistance", lambda dsn: upgrade(dsn, _MIGRATIONS))


@pytest.fixture
async def assistance_dsn(make_database: MakeDatabase) -> str:
    """Return the address of a new database at the head of the migrations."""
    return await migrated(make_database)


@pytest.fixture(scope="module")
async def assistance(
    make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Return a service to call that knows the organisations of the founding case.

    The tests of a module share it: those that refuse leave it as it was.
    """
    async with served(
        service="assistance",
        database_dsn=await migrated(make_database),
        keystore_dsn=await make_database(
            "keystore", lambda dsn: upgrade(dsn, _KEYSTORE_MIGRATIONS)
        ),
        folder=tmp_path_factory.mktemp("assistance"),
        contract=app.CONTRACT,
        servicers=lambda base, _keys: app.servicers(base),
    ) as service:
        await Desk(service.base.database).know_organisations()
        yield service


@pytest.fixture
async def database(assistance_dsn: str) -> AsyncIterator[Database]:
    async with Database.open(
        assistance_dsn, pool_size=8, application_name="assistance"
    ) as database:
        yield database


class Desk:
    """Runs commands as the edge does, each in a transaction with its change rows."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def run(
        self, command: Callable[..., Awaitable[Sequence[T]]], *items: Any, party: str = OFFICE
    ) -> list[T]:
        """Run a command that a caller asks for."""
        caller = Caller(subject=f"user-{party}", organisation=party, roles=frozenset())

        async def work(tx: Transaction) -> list[T]:
            results = await command(tx, items, caller=caller)
            await changes.record(tx, app.ENCODERS, self._origin(party))
            return list(results)

        return await self.database.transact(work)

    async def hear(self, *registrations: Registration) -> None:
        """Count registrations one by one in one transaction, as a subscriber hands over events."""

        async def work(tx: Transaction) -> None:
            for each in registrations:
                await count_registrations(tx, [each])
            await changes.record(tx, app.ENCODERS, self._origin("transfer"))

        await self.database.transact(work)

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Return what a query finds."""
        rows = await self.database.fetch(db.compile(text(query)), **params)
        return [dict(row) for row in rows]

    async def know_organisations(self) -> None:
        """Take over the organisations of the founding case."""
        rows = [
            {"id": each, "version": 1, "sha256": bytes(32), "display_name": each, "kind": kind}
            for each, kind in ORGANISATIONS.items()
        ]
        await self.database.transact(lambda tx: change_copies(tx, rows))

    @staticmethod
    def _origin(party: str) -> changes.Origin:
        trace = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
        return changes.Origin(f"user-{party}", party, NOON, trace)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Return a service that knows the organisations of the founding case."""
    desk = Desk(database)
    await desk.know_organisations()
    return desk
