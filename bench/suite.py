"""The whole suite, as `make run` starts it, in a folder and on ports of its own, for a while."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import psutil

from bench.outcome import note
from deploy.local.environment import ROOT
from deploy.local.ports import free_ports
from deploy.local.postgres import PostgresServer
from deploy.local.reach import remove
from deploy.local.stack import LocalStack

# What runs code of the product; PostgreSQL and NATS grow with the data that they hold.
PROCESSES = {
    "enrollment": "services.enrollment",
    "transfer": "services.transfer",
    "assistance": "services.assistance",
    "front": "gateway.front",
    "gateway": "--config-path",
}


@asynccontextmanager
async def suite(*, commit_times: bool = False) -> AsyncIterator[LocalStack]:
    """Start everything, and leave nothing behind; `commit_times` lets the database keep them."""
    folder = ROOT / ".guantong" / f"bench-{os.getpid()}"
    ports = free_ports()
    try:
        if commit_times:
            # It is read at the server's start, which the stack does again on the same cluster.
            with PostgresServer(folder / "postgres", port=ports.postgres) as server:
                await _keep_commit_times(server.dsn("postgres"))
        async with LocalStack(folder, ports=ports, report=note) as stack:
            yield stack
    finally:
        await asyncio.to_thread(remove, folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def sizes() -> dict[str, float]:
    """Return the resident size of each process of the product, in MiB."""
    found = {}
    for child in psutil.Process().children():
        command = " ".join(child.cmdline())
        for name, part in PROCESSES.items():
            if part in command:
                found[name] = child.memory_info().rss / 2**20
    return found


async def _keep_commit_times(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    finally:
        await connection.close()
