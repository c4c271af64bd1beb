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
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import uvloop

from chassis import logs, settings
from chassis.db import Database
from chassis.epoch import raise_epoch
from chassis.errors import DomainError
from chassis.migrations import upgrade
from chassis.settings import Settings

# Runs until the awaitable that it yields ends, which it does only by a fault.
Running = Callable[[Settings, int], AbstractAsyncContextManager[Awaitable[None]]]
Command = Callable[[Settings, argparse.Namespace], Awaitable[int]]

_log = logs.get_logger(__name__)


def main(
    name: str,
    *,
    running: Running,
    migrations: Path,
    commands: Mapping[str, tuple[Callable[[argparse.ArgumentParser], None], Command]],
) -> None:
    """Run the command that the arguments name and exit with its status."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parsers = parser.add_subparsers(dest="command", required=True)
    serve = parsers.add_parser("serve", help="serve until a signal comes")
    serve.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parsers.add_parser("migrate", help="bring the database to the head of its migrations")
    parsers.add_parser("new-epoch", help="begin a new history after a restore")
    for command, (add_arguments, _) in commands.items():
        add_arguments(parsers.add_parser(command))
    arguments = parser.parse_args()
    os.environ.setdefault(f"{settings.PREFIX}SERVICE", name)
    try:
        loaded = settings.load()
        logs.configure(loaded)
        sys.exit(_run(loaded, arguments, running, migrations, commands))
    except (settings.SettingsInvalid, DomainError) as error:
        text = error.message("en") if isinstance(error, DomainError) else str(error)
        sys.exit(f"{name}: {text}")


def _run(
    loaded: Settings,
    arguments: argparse.Namespace,
    running: Running,
    migrations: Path,
    commands: Mapping[str, tuple[Any, Command]],
) -> int:
    match arguments.command:
        case "serve" if loaded.workers > 1 and arguments.worker is None:
            return _serve_all(loaded)
        case "serve":
            return uvloop.run(_serve(loaded, running, arguments.worker or 0))
        case "migrate":
            uvloop.run(upgrade(loaded.database_dsn, migrations))
            return 0
        case "new-epoch":
            return uvloop.run(_new_epoch(loaded))
        case other:
            return uvloop.run(_await(commands[other][1](loaded, arguments)))


async def _await(work: Awaitable[int]) -> int:
    return await work


async def _serve(loaded: Settings, running: Running, worker: int) -> int:
    """Serve until SIGINT or SIGTERM, which drain, or until a background task fails."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    async with running(loaded, worker) as background:
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


def _serve_all(loaded: Settings) -> int:
    """Start a process a worker; when one ends, for whatever reason, all do."""
    command = [sys.executable, *sys.orig_argv[1:]]
    workers = [
        subprocess.Popen([*command, "--worker", str(number)]) for number in range(loaded.workers)
    ]

    def stop(*_: object) -> None:
        for worker in workers:
            worker.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    _, status = os.wait()
    stop()
    statuses = [worker.wait() for worker in workers]
    return max(abs(each) for each in [*statuses, os.waitstatus_to_exitcode(status)])


async def _new_epoch(loaded: Settings) -> int:
    async with Database.open(
        loaded.database_dsn, pool_size=2, application_name=loaded.service
    ) as database:
        head = await raise_epoch(database)
    sys.stdout.write(f"{head.epoch}\n")
    return 0
