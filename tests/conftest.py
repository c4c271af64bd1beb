"""Real servers for every test: one PostgreSQL for the session, one NATS a worker.

Under xdist the controller starts PostgreSQL and tells the workers where it is; without xdist it
starts when a test first asks. Databases are copies of a template that is migrated once a worker.
"""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import hypothesis
import pytest

from deploy.local.nats import NatsServer
from deploy.local.postgres import PostgresServer
from deploy.local.reach import remove

Migrate = Callable[[str], Awaitable[None]]
MakeDatabase = Callable[[str, Migrate], Awaitable[str]]

# CI repeats the same examples; a developer's run looks for new ones. None is timed.
hypothesis.settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("suite")

_STATE = Path(__file__).resolve().parents[1] / ".guantong" / "tests"
_CONTROLLER = pytest.StashKey["ControllerPostgres"]()


class ControllerPostgres:
    """The session's server in the xdist controller, started with the first worker."""

    def __init__(self) -> None:
        self._server: PostgresServer | None = None
        self._folder = _STATE / f"postgres-{os.getpid()}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: pytest.Item) -> None:
        """Tell a worker where the server is (a hook of xdist)."""
        node.workerinput["postgres_dsn"] = self.dsn()  # type: ignore[attr-defined]

    def dsn(self) -> str:
        if self._server is None:
            self._server = PostgresServer(self._folder, durable=False).__enter__()
        return self._server.dsn("postgres")

    def stop(self) -> None:
        if self._server is not None:
            self._server.__exit__()
            remove(self._folder)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    server = config.stash[_CONTROLLER] = ControllerPostgres()
    config.pluginmanager.register(server, "controller_postgres")


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(_CONTROLLER, None):
        server.stop()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """Return the superuser's address of the session's server."""
    if hasattr(pytestconfig, "workerinput"):
        return str(pytestconfig.workerinput["postgres_dsn"])
    return pytestconfig.stash[_CONTROLLER].dsn()


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """Return this worker's NATS server with JetStream; streams are shared by its tests."""
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
async def make_database(postgres_server: str) -> AsyncIterator[MakeDatabase]:
    """Return `make(name, migrate)`: the address of a new database, copied from a template.

    `migrate` is given the template's address, once a worker and name, and must leave no
    connection open.
    """
    made: list[str] = []
    templates: dict[str, str] = {}
    connection = await asyncpg.connect(postgres_server)

    async def create(name: str, *, template: str = "template1") -> str:
        database = f"{re.sub(r'[^a-z0-9]+', '_', name.lower())[:24]}_{uuid4().hex[:12]}"
        await connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        made.append(database)
        return database

    async def make(name: str, migrate: Migrate) -> str:
        if name not in templates:
            template = await create(f"t_{name}")
            await migrate(_sibling(postgres_server, template))
            templates[name] = template
        return _sibling(postgres_server, await create(name, template=templates[name]))

    yield make
    for database in made:
        await connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    await connection.close()


def _sibling(dsn: str, database: str) -> str:
    return f"{dsn.rpartition('/')[0]}/{database}"
