"""The gRPC server of a process: limits, health, reflection, start and graceful drain.

One event loop and one port a worker process. This module must not know which services it serves.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from sqlalchemy import literal_column, select

from chassis import logs
from chassis.db import Database
from chassis.db import compile as compile_statement
from chassis.foundation import Foundation

Register = Callable[[Any], None]
Check = Callable[[], Awaitable[bool]]

_CHECK_INTERVAL_S = 1.0
# New objects until the youngest are looked through, and how many such looks until older ones are.
_GC_THRESHOLDS = (50_000, 20, 100)
_DATABASE = "database"
_log = logs.get_logger(__name__)


@asynccontextmanager
async def serving(
    base: Foundation,
    contract: Sequence[FileDescriptor],
    register: Register,
    *,
    worker: int = 0,
    checks: Mapping[str, Check] = MappingProxyType({}),
) -> AsyncIterator[int]:
    """Serve until the block ends, then drain; yields the port.

    `checks` are parts beside the database, each reported by the health service as
    `<service>.<part>`. The process as a whole ("") and its services are healthy while the database
    is: calls need nothing else, so a broker that is away must not turn them away.
    """
    settings = base.settings
    checks = {_DATABASE: DatabaseCheck(base.database), **checks}
    names = [name.full_name for file in contract for name in file.services_by_name.values()]
    limits = settings.limits
    collect_rarely()
    server = grpc.aio.server(
        interceptors=[base.gate],
        options=[
            ("grpc.max_receive_message_length", limits.message_max_bytes),
            ("grpc.max_send_message_length", limits.message_max_bytes),
            ("grpc.max_metadata_size", limits.metadata_max_bytes),
            # Every worker has a port of its own; two on one would share calls by chance.
            ("grpc.so_reuseport", 0),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ],
    )
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    register(server)
    if settings.reflection:
        reflection.enable_server_reflection(
            [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
        )
    wanted = settings.port + worker if settings.port else 0
    port = server.add_insecure_port(f"{settings.host}:{wanted}")
    await server.start()
    _log.info("serving", port=port, worker=worker)
    watch = asyncio.create_task(_report_health(servicer, settings.service, names, checks))
    try:
        yield port
    finally:
        watch.cancel()
        await servicer.enter_graceful_shutdown()
        # Whoever balances load sees NOT_SERVING before calls are turned away.
        await asyncio.sleep(min(_CHECK_INTERVAL_S, settings.drain_s))
        await server.stop(settings.drain_s)
        _log.info("stopped", worker=worker)


def collect_rarely() -> None:
    """Look for cycles seldom, and never again among what was loaded at the start.

    Messages, rows and records have none: looking through them for any cost a third of the time of
    whatever takes many at once. What has cycles, errors mostly, waits a little longer.
    """
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


async def _report_health(
    servicer: Any, service: str, service_names: Sequence[str], checks: Mapping[str, Check]
) -> None:
    while True:
        states = {f"{service}.{part}": await check() for part, check in checks.items()}
        for name in ("", *service_names):
            states[name] = states[f"{service}.{_DATABASE}"]
        for name, is_serving in states.items():
            await servicer.set(name, _SERVING if is_serving else _NOT_SERVING)
        await asyncio.sleep(_CHECK_INTERVAL_S)


class DatabaseCheck:
    """Whether the database answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> bool:
        try:
            async with asyncio.timeout(_CHECK_INTERVAL_S):
                return bool(await self._database.fetch_value(_ONE))
        except Exception:  # noqa: BLE001 - whatever it is, the database did not answer
            return False


_ONE = compile_statement(select(literal_column("1")))
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
