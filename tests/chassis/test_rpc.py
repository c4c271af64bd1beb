"""What a served process says of its health, to whoever balances load and to people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from guantong.common.v1 import clock_service_pb2

from chassis.foundation import founded
from chassis.rpc import Check, serving
from chassis.settings import Settings
from deploy.local.issuer import AUDIENCE, ISSUER
from deploy.local.secrets import make_secrets
from tests.chassis.conftest import Suite, migrate

CONTRACT = [clock_service_pb2.DESCRIPTOR]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def _away() -> bool:
    return False


@asynccontextmanager
async def _served(suite: Suite, folder: Path, **checks: Check) -> AsyncIterator[Any]:
    secrets = make_secrets(folder)
    settings = Settings.model_validate(
        {
            "service": "library",
            "region": "test",
            "database_dsn": await suite.make("chassis", migrate),
            "feed_secret_file": secrets.feed_secret,
            "request_key_file": secrets.request_key,
            "port": 0,
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks": str(secrets.jwks),
            "drain_s": 0,
        }
    )
    async with (
        founded(settings, CONTRACT) as base,
        serving(base, CONTRACT, lambda _: None, checks=checks) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        health: Any = health_pb2_grpc.HealthStub(channel)
        # Unknown until the first look at the parts is over.
        request = health_pb2.HealthCheckRequest(service="guantong.common.v1.ClockService")
        async for answer in health.Watch(request, timeout=5):
            if answer.status in (SERVING, NOT_SERVING):
                break
        yield health


async def _state(health: Any, name: str) -> Any:
    return (await health.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)).status


async def test_a_broker_that_is_away_is_told_and_takes_no_calls_from_the_service(
    suite: Suite, tmp_path: Path
) -> None:
    # Commands and reads need the database alone: what they write waits there for the broker.
    async with _served(suite, tmp_path, bus=_away) as health:
        states = {
            name: await _state(health, name)
            for name in ("", "guantong.common.v1.ClockService", "library.database", "library.bus")
        }
    assert states == {
        "": SERVING,
        "guantong.common.v1.ClockService": SERVING,
        "library.database": SERVING,
        "library.bus": NOT_SERVING,
    }
