"""A real Envoy and front before a stand-in service that answers with what it was given."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import httpx
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from guantong.common.v1 import clock_service_pb2, clock_service_pb2_grpc
from guantong.enrollment.v1 import import_service_pb2_grpc
from guantong.transfer.v1 import changes_service_pb2_grpc

from deploy.local.envoy import EnvoyServer
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.ports import HOST, SERVICES, free_port
from deploy.local.process import Process
from deploy.local.secrets import make_secrets
from gateway.envoy.bootstrap import render
from gateway.settings import GatewayLimits, GatewaySettings
from tests.gateway.stand_in_servicer import StandInChanges, StandInClock, StandInImports

DESCRIPTORS = Path(__file__).resolve().parents[2] / "proto" / ".deps" / "guantong.binpb"
ORIGIN = "http://127.0.0.1:5173"


@dataclass(kw_only=True)
class TestDoor:
    """What a test needs of the door: callers, tokens, and what arrived behind it."""

    __test__ = False

    http: httpx.AsyncClient
    channel: grpc.aio.Channel
    issuer: Issuer
    settings: GatewaySettings
    seen: list[Mapping[str, str]]
    health: health.aio.HealthServicer
    access_log: Path
    bearer: str = field(default="")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": self.bearer}

    async def wait_until(self, status: int) -> httpx.Response:
        """Ask until the answer has this status: Envoy looks at its upstreams once a second."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            answer = await self.http.get("/v1/clock", headers=self.headers)
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.05)
        raise AssertionError(f"no answer {status} within 10 s, the last was {answer.text}")

    async def get_clock(self, **metadata: str) -> clock_service_pb2.Clock:
        """Call an RPC over gRPC with these headers."""
        stub = clock_service_pb2_grpc.ClockServiceStub(self.channel)
        request = clock_service_pb2.GetClockRequest()
        pairs = tuple(metadata.items())
        answer: clock_service_pb2.Clock = await stub.GetClock(request, metadata=pairs, timeout=5)
        return answer


@asynccontextmanager
async def open_door(
    folder: Path, *, jwks: str | None = None, limits: GatewayLimits | None = None
) -> AsyncIterator[TestDoor]:
    """Start the stand-in service, the front and Envoy, and stop them at the end."""
    secrets = make_secrets(folder / "secrets")
    seen: list[Mapping[str, str]] = []
    server = grpc.aio.server()
    clock_service_pb2_grpc.add_ClockServiceServicer_to_server(StandInClock(seen), server)
    changes_service_pb2_grpc.add_ChangesServiceServicer_to_server(StandInChanges(), server)
    import_service_pb2_grpc.add_ImportServiceServicer_to_server(StandInImports(), server)
    states = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(states, server)
    port = server.add_insecure_port(f"{HOST}:0")
    await serve_all(states)
    await server.start()
    settings = GatewaySettings(
        port=free_port(),
        admin_port=free_port(),
        front=f"{HOST}:{free_port()}",
        services={service: [f"{HOST}:{port}"] for service in SERVICES},
        issuer=ISSUER,
        audience=AUDIENCE,
        jwks=jwks or str(secrets.jwks),
        descriptor_set=DESCRIPTORS,
        cors_origins=[ORIGIN],
        access_log=str(folder / "access.log"),
        limits=limits or GatewayLimits(),
    )
    front = front_process(settings, folder)
    front.start()
    envoy = EnvoyServer(folder, render(settings), admin_port=settings.admin_port)
    issuer = Issuer(secrets)
    try:
        envoy.process.start()
        for process in (front, envoy.process):
            # Aside, for the stand-in answers health checks on this loop.
            await asyncio.to_thread(process.wait_ready)
        async with (
            httpx.AsyncClient(base_url=settings.url, timeout=10) as client,
            grpc.aio.insecure_channel(f"{HOST}:{settings.port}") as channel,
        ):
            door = TestDoor(
                http=client,
                channel=channel,
                issuer=issuer,
                settings=settings,
                seen=seen,
                health=states,
                access_log=folder / "access.log",
                bearer=f"Bearer {issuer.issue('administrator')}",
            )
            await door.wait_until(200)
            yield door
    finally:
        envoy.process.stop()
        front.stop()
        await server.stop(None)


async def serve_all(states: health.aio.HealthServicer) -> None:
    """Let the stand-in say that it and all parts of the three services are well."""
    parts = [f"{service}.{part}" for service in SERVICES for part in ("database", "bus")]
    for name in ("", *parts):
        await states.set(name, health_pb2.HealthCheckResponse.SERVING)


def front_process(settings: GatewaySettings, folder: Path) -> Process:
    """Return the front as the local stack runs it."""
    return Process(
        name="front",
        command=[sys.executable, "-m", "gateway.front"],
        environment=settings.to_environment(),
        log=folder / "front.log",
        is_ready=lambda: _answers(f"http://{settings.front}/healthz"),
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.TransportError:
        return False
