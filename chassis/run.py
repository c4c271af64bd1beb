"""The command line of a service: `serve | migrate | new-epoch | dead-letters`.

A process has one event loop; several workers are several processes, each with its own port, and
end together. This module must not know which service it runs.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import uvloop
from prometheus_client import start_http_server

from chassis import dead_letters_command, logs, settings
from chassis.background import Handlers, effects_of
from chassis.changes import Encoders
from chassis.db import Database
from chassis.dead_letters import DeadLetters
from chassis.epoch import raise_epoch
from chassis.errors import DomainError
from chassis.migrations import DatabaseNewer, upgrade
from chassis.settings import Settings

# Runs until the awaitable that it yields ends, which it does only by a fault.
Running = Callable[[Settings, int], AbstractAsyncContextManager[Awaitable[None]]]

_log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the commands need to know of a service."""

    name: str
    running: Running
    migrations: Path
    encoders: Encoders
    handlers: Handlers


def main(service: Service) -> NoReturn:
    """Run the command that the arguments name and exit with its status."""
    arguments = _parser(service.name).parse_args()
    os.environ.setdefault(f"{settings.PREFIX}SERVICE", service.name)
    try:
        loaded = settings.load()
        logs.configure(loaded)
        sys.exit(_run(service, loaded, arguments))
    except (settings.SettingsInvalid, DatabaseNewer, DomainError) as error:
        text = error.message("en") if isinstance(error, DomainError) else str(error)
        sys.exit(f"{service.name}: {text}")


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parsers = parser.add_subparsers(dest="command", required=True)
    serve = parsers.add_parser("serve", help="serve until a signal comes")
    serve.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parsers.add_parser("migrate", help="bring the database to the head of its migrations")
    parsers.add_parser("new-epoch", help="begin a new history after a restore")
    dead_letters_command.add_arguments(
        parsers.add_parser(dead_letters_command.NAME, help="settle changes that were set aside")
    )
    return parser


def _run(service: Service, loaded: Settings, arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "serve" if loaded.workers > 1 and arguments.worker is None:
            return _serve_all(loaded)
        case "serve":
            return uvloop.run(_serve(loaded, service.running, arguments.worker))
        case "migrate":
            uvloop.run(upgrade(loaded.database_dsn, service.migrations))
            return 0
        case "new-epoch":
            return uvloop.run(_new_epoch(loaded))
        case _:
            return uvloop.run(_settle_dead_letters(service, loaded, arguments))


async def _serve(loaded: Settings, running: Running, worker: int | None) -> int:
    """Serve until SIGINT or SIGTERM, which drain, or until a background task fails.

    One of several workers, which have numbers, also drains when the process that started it dies.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if worker is not None:
        _when_orphaned(loop, stop.set)
    stopped = asyncio.create_task(stop.wait())
    if loaded.metrics_port is not None:
        start_http_server(loaded.metrics_port + (worker or 0), addr=loaded.host)
    async with running(loaded, worker or 0) as background:
        task = asyncio.ensure_future(background)
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            return 0
        failure = task.exception()
        _log.error("background task ended", exc_info=failure)
        if isinstance(failure, DomainError):
            raise failure
        return 1


def _when_orphaned(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Call `stop` when the process that started this one as a worker has died."""
    pipe = sys.stdin.fileno()

    def closed() -> None:
        loop.remove_reader(pipe)
        stop()

    loop.add_reader(pipe, closed)


def _serve_all(loaded: Settings) -> int:
    """Start a process a worker; when one ends, for whatever reason, all do."""
    command = [sys.executable, *sys.orig_argv[1:]]
    workers: list[subprocess.Popen[bytes]] = []
    untold: list[subprocess.Popen[bytes]] = []

    def stop(*_: object) -> None:
        # Each once: a second signal would hit a worker that has closed its loop, and kill it.
        while untold:
            untold.pop().terminate()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    for number in map(str, range(loaded.workers)):
        # The pipe closes when this process dies, however it dies: no worker is left behind.
        worker = subprocess.Popen([*command, "--worker", number], stdin=subprocess.PIPE)
        workers.append(worker)
        untold.append(worker)
    _, status = os.wait()
    stop()
    statuses = [worker.wait() for worker in workers]
    return max(abs(each) for each in [*statuses, os.waitstatus_to_exitcode(status)])


async def _new_epoch(loaded: Settings) -> int:
    async with _opened(loaded) as database:
        head = await raise_epoch(database)
    sys.stdout.write(f"{head.epoch}\n")
    return 0


async def _settle_dead_letters(
    service: Service, loaded: Settings, arguments: argparse.Namespace
) -> int:
    effects = effects_of(loaded, service.encoders, service.handlers)
    async with _opened(loaded) as database:
        letters = DeadLetters(database, effects)
        return await dead_letters_command.run(letters, arguments, sys.stdout)


def _opened(loaded: Settings) -> AbstractAsyncContextManager[Database]:
    return Database.open(loaded.database_dsn, pool_size=2, application_name=loaded.service)
