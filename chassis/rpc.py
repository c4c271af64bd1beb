"""The gRPC server of a process: limits, health, reflection, start and graceful drain.

One event loop and one port a worker process. This module must not know which services it serves.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis import logs
from chassis.settings import Settings

Register = Callable[[Any], None]
Check = Callable[[], bool]

_CHECK_INTERVAL_S = 1.0
_log = logs.get_logger(__name__)


@asynccontextmanager
async def serving(
    settings: Settings,
    *,
    worker: int,
    interceptor: grpc.aio.ServerInterceptor,
    register: Sequence[Register],
    service_names: Sequence[str],
    checks: Mapping[str, Check],
) -> AsyncIterator[int]:
    """Serve until the block ends, then drain; yields the port.

    `checks` are the parts that this process needs, each reported by the health service as
    `<service>.<part>`; the process as a whole ("") is healthy while all of them are.
    """
    limits = settings.limits
    server = grpc.aio.server(
        interceptors=[interceptor],
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
    for add in register:
        add(server)
    if settings.reflection:
        reflection.enable_server_reflection(
            [*service_names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
        )
    port = server.add_insecure_port(
        f"{settings.host}:{settings.port + worker if settings.port else 0}"
    )
    await server.start()
    _log.info("serving", port=port, worker=worker)
    watch = asyncio.create_task(_report_health(servicer, settings.service, service_names, checks))
    try:
        yield port
    finally:
        watch.cancel()
        await servicer.enter_graceful_shutdown()
        # Whoever balances load sees NOT_SERVING before calls are turned away.
        await asyncio.sleep(min(_CHECK_INTERVAL_S, settings.drain_s))
        await server.stop(settings.drain_s)
        _log.info("stopped", worker=worker)


async def _report_health(
    servicer: Any, service: str, service_names: Sequence[str], checks: Mapping[str, Check]
) -> None:
    while True:
        states = {f"{service}.{part}": check() for part, check in checks.items()}
        healthy = all(states.values())
        for name in ("", *service_names):
            states[name] = healthy
        for name, is_serving in states.items():
            await servicer.set(name, _SERVING if is_serving else _NOT_SERVING)
        await asyncio.sleep(_CHECK_INTERVAL_S)


_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
