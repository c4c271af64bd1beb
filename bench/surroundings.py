"""The real servers of a benchmark, durable as in production, in a folder that is removed.

PostgreSQL with fsync and synchronous commit, NATS that writes before it acknowledges. Processes
under test are started here too; what they are told is what the local stack tells them, except
that business time is real time and no data is shared with anything else.
"""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from uuid import UUID

from bench.drafts import draft
from chassis import keystore
from chassis.migrations import upgrade
from chassis.settings import PREFIX
from deploy.local import databases
from deploy.local.environment import ROOT, Environments
from deploy.local.envoy import EnvoyServer
from deploy.local.issuer import Issuer
from deploy.local.nats import NatsServer
from deploy.local.ports import HOST, free_port, free_ports
from deploy.local.postgres import PostgresServer
from deploy.local.process import Process
from deploy.local.reach import remove
from deploy.local.secrets import make_secrets
from gateway.envoy.bootstrap import render
from gateway.settings import GatewaySettings
from services import transfer

_STATE = ROOT / ".guantong"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Running servers, and how to start more beside them."""

    folder: Path
    environments: Environments
    issuer: Issuer
    stack: ExitStack
    postgres: PostgresServer

    def dsn(self, database: str) -> str:
        return self.environments.dsns[database]

    def token(self, organisation: str, *roles: str) -> str:
        """Return a bearer token of a made-up caller."""
        claims = {"sub": f"{organisation}-bench", "org": organisation, "roles": list(roles)}
        return f"Bearer {self.issuer.sign(claims, lifetime_s=3600)}"

    def migrate(self, database: str, package: ModuleType) -> None:
        """Bring one of the databases to the head of a package's migrations."""
        asyncio.run(upgrade(self.dsn(database), Path(package.__path__[0]) / "migrations"))

    def draft(self, count: int) -> list[UUID]:
        """Return the ids of so many new drafts in the databases of transfer."""
        self.migrate("transfer", transfer)
        self.migrate("keystore", keystore)
        return asyncio.run(draft(self.environments.dsns, self.environments.secrets, count))

    def serve(self, module: str, *arguments: str, service: str) -> str:
        """Run a server with the settings of a service; return its address."""
        port = free_port()
        self.run(module, *arguments, service=service, port=port)
        return f"{HOST}:{port}"

    def run(self, module: str, *arguments: str, service: str, port: int = 0) -> None:
        """Run a module with the settings of a service until the end; wait for its port, if any."""
        name = module.rpartition(".")[2]
        environment = self.environments.of(service) | {f"{PREFIX}PORT": str(port)}
        del environment[f"{PREFIX}CLOCK_FILE"]
        self._run(
            Process(
                name=name,
                command=[sys.executable, "-m", module, *arguments],
                environment=environment,
                log=self.folder / "logs" / f"{name}.log",
                is_ready=lambda: not port or _accepts(port),
            )
        )

    def serve_gateway(self, services: Mapping[str, str]) -> str:
        """Run Envoy before services (name to address); return its address."""
        port, admin_port = free_port(), free_port()
        changes = {
            "port": port,
            "admin_port": admin_port,
            "services": {name: [address] for name, address in services.items()},
            "common_service": next(iter(services)),
        }
        present = self.environments.gateway().model_dump()
        settings = GatewaySettings.model_validate(present | changes)
        server = EnvoyServer(self.folder / "gateway", render(settings), admin_port=admin_port)
        self._run(server.process)
        return f"{HOST}:{port}"

    def _run(self, process: Process) -> None:
        self.stack.callback(process.stop)
        process.start()
        process.wait_ready()


@contextmanager
def surroundings(*, broker: bool = False) -> Iterator[Surroundings]:
    """Start PostgreSQL, and NATS if wanted, with empty databases of every service."""
    # On the disk that real data would be on: /tmp may be in memory, where fsync costs nothing.
    folder = _STATE / f"bench-{os.getpid()}"
    ports = free_ports()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(remove, folder / "postgres")
        postgres = stack.enter_context(PostgresServer(folder / "postgres", port=ports.postgres))
        nats = NatsServer(folder / "nats", port=ports.nats, monitor_port=ports.nats_monitor)
        if broker:
            stack.enter_context(nats)
        secrets = make_secrets(folder / "secrets")
        asyncio.run(databases.create(postgres, secrets))
        environments = Environments(
            folder=folder,
            ports=ports,
            workers=1,
            secrets=secrets,
            dsns=databases.dsns(postgres, secrets),
            nats_url=nats.url,
            nats_monitor_url=nats.monitor_url,
            cors_origins=(),
        )
        yield Surroundings(
            folder=folder,
            environments=environments,
            issuer=Issuer(secrets),
            stack=stack,
            postgres=postgres,
        )


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
