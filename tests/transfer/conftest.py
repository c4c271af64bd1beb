"""A transfer service to call, on databases of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chassis import keystore
from chassis.migrations import upgrade
from services.transfer import app
from tests.served import Served, served
from tests.transfer.desk import Desk, WatchedDatabase
from tests.transfer.edge.world import World, make_world

_MIGRATIONS = Path(app.__file__).with_name("migrations")
_KEYSTORE_MIGRATIONS = Path(keystore.__file__).with_name("migrations")


@asynccontextmanager
async def serving_transfer(make_database: Any, folder: Path) -> AsyncIterator[Served]:
    """Serve transfer on new databases."""
    database_dsn = await make_database("transfer", lambda dsn: upgrade(dsn, _MIGRATIONS))
    keystore_dsn = await make_database("keystore", lambda dsn: upgrade(dsn, _KEYSTORE_MIGRATIONS))
    async with served(
        service="transfer",
        database_dsn=database_dsn,
        keystore_dsn=keystore_dsn,
        folder=folder,
        contract=app.CONTRACT,
        servicers=app.servicers,
    ) as service:
        yield service


@pytest.fixture
async def transfer(make_database: Any, tmp_path: Path) -> AsyncIterator[Served]:
    async with serving_transfer(make_database, tmp_path) as service:
        yield service


@pytest.fixture(scope="module")
async def world(
    make_database: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Return a service in which every RPC has a call that would succeed.

    The tests of a module share it: those that refuse leave it as it was.
    """
    async with serving_transfer(make_database, tmp_path_factory.mktemp("transfer")) as service:
        yield await make_world(service)


@pytest.fixture
async def desk(make_database: Any) -> AsyncIterator[Desk]:
    """Return both schools' desk at an empty database."""
    dsn = await make_database("transfer", lambda dsn: upgrade(dsn, _MIGRATIONS))
    async with WatchedDatabase.open(dsn, pool_size=24, application_name="transfer") as database:
        yield Desk(database)
