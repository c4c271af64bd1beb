"""The whole suite on this machine: servers, databases, services and the door, in order.

PostgreSQL and NATS, then migrations, then the front (which knows who is ready), the services, and
Envoy last. Stopping goes the other way. Everything is on loopback; state stays in one folder.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from chassis.clock import FileClock
from deploy.local import databases
from deploy.local.door import Door
from deploy.local.environment import Environments
from deploy.local.envoy import EnvoyServer
from deploy.local.issuer import Issuer
from deploy.local.nats import NatsServer
from deploy.local.ports import HOST, SERVICES, Ports, check_free
from deploy.local.postgres import PostgresServer
from deploy.local.process import Process
from deploy.local.readiness import front_answers, service_is_ready
from deploy.local.secrets import Secrets, make_secrets, write
from deploy.local.supervisor import Report, Supervisor, wait_back
from gateway.envoy.bootstrap import render

BUSINESS_TIME_BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
STOP_WITHIN_S = 6.0


class AlreadyRunning(Exception):
    """Another launcher uses the same folder."""


class LocalStack:
    """`async with LocalStack(folder, ports=free_ports()) as stack:` starts and stops the suite.

    A process that dies is started again. Enter it from the main thread: the kernel ends the
    children together with the thread that started them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: Ports | None = None,
        workers: int = 1,
        cors_origins: tuple[str, ...] = (),
        report: Report = print,
    ) -> None:
        """Prepare only: nothing is started or written before the stack is entered."""
        self.folder = folder.absolute()
        self.ports = ports or Ports.from_environment()
        self._workers = workers
        self._cors_origins = cors_origins
        self._report = report
        self._lock = FileLock(self.folder / "lock")
        self._processes: dict[str, Process] = {}
        self._environments: Environments | None = None
        self.supervisor = Supervisor(report)

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise AlreadyRunning(
                f"The suite already runs from {self.folder}. Use it, or stop it first (Ctrl-C)."
            ) from None
        try:
            check_free(self.ports, workers=self._workers)
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def door(self) -> Door:
        """The way in, for whoever acts on the running suite."""
        environments = self._running()
        return Door(
            url=f"http://{HOST}:{self.ports.gateway}",
            target=f"{HOST}:{self.ports.gateway}",
            dsns=environments.dsns,
            issuer=Issuer(environments.secrets),
        )

    @property
    def process_names(self) -> list[str]:
        """The processes in the order in which they start."""
        return list(self._processes)

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment that a service runs with."""
        return self._running().of(service)

    def kill(self, name: str) -> None:
        """SIGKILL a process with its children, as a crash; the stack starts it again."""
        self._processes[name].kill()

    async def wait_back(self, name: str) -> None:
        """Wait until a process that was killed runs and answers again."""
        await wait_back(self._processes[name])

    async def stop(self) -> None:
        """Stop everything in reverse order; may be repeated."""
        order = [("gateway",), ("front",), SERVICES, ("nats",), ("postgres",)]
        groups = [
            [self._processes[name] for name in names if name in self._processes] for names in order
        ]
        await self.supervisor.stop(groups, within_s=STOP_WITHIN_S)
        self._processes.clear()
        self._lock.release()

    def command(self, service: str, verb: str) -> list[str]:
        """Return the command of a service, `serve` or `migrate`."""
        return [sys.executable, "-m", f"services.{service}", verb]

    async def _start(self) -> None:
        secrets = make_secrets(self.folder / "secrets")
        _write_tokens(secrets)
        clock = self.folder / "clock"
        if not clock.exists():
            FileClock(clock).advance(BUSINESS_TIME_BEGINS)
        postgres = PostgresServer(self.folder / "postgres", port=self.ports.postgres)
        nats = NatsServer(
            self.folder / "nats", port=self.ports.nats, monitor_port=self.ports.nats_monitor
        )
        await self._run(postgres.process, nats.process)
        self._environments = Environments(
            folder=self.folder,
            ports=self.ports,
            workers=self._workers,
            secrets=secrets,
            dsns=databases.dsns(postgres, secrets),
            nats_url=nats.url,
            nats_monitor_url=nats.monitor_url,
            cors_origins=self._cors_origins,
        )
        await databases.create(postgres, secrets)
        await self._migrate(self._environments)
        await self._run(self._front(self._environments))
        await self._run(*[self._service(service) for service in SERVICES])
        settings = self._environments.gateway()
        envoy = EnvoyServer(
            self.folder / "gateway", render(settings), admin_port=self.ports.gateway_admin
        )
        await self._run(envoy.process)

    async def _run(self, *processes: Process) -> None:
        """Start and watch; known before they start, so that an interrupted start stops them."""
        self._processes |= {process.name: process for process in processes}
        await self.supervisor.start(*processes)

    async def _migrate(self, environments: Environments) -> None:
        await asyncio.gather(
            databases.migrate_keystore(environments.dsns[databases.KEYSTORE]),
            *[
                databases.migrate_service(
                    service,
                    self.command(service, "migrate"),
                    environments.of(service),
                    self.folder / "logs",
                )
                for service in SERVICES
            ],
        )

    def _front(self, environments: Environments) -> Process:
        return Process(
            name="front",
            command=[sys.executable, "-m", "gateway.front"],
            environment=environments.front(),
            log=self.folder / "logs" / "front.log",
            is_ready=lambda: front_answers(self.ports.front),
        )

    def _service(self, service: str) -> Process:
        return Process(
            name=service,
            command=self.command(service, "serve"),
            environment=self.environment(service),
            log=self.folder / "logs" / f"{service}.log",
            is_ready=lambda: service_is_ready(self.ports.front, service),
        )

    def _running(self) -> Environments:
        if self._environments is None:
            raise RuntimeError("the stack has not been started")
        return self._environments


def _write_tokens(secrets: Secrets) -> None:
    issuer = Issuer(secrets)
    for service in SERVICES:
        write(secrets.service_token(service), issuer.issue_for_service(service).encode())
