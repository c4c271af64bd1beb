"""The end of a server: it says that it goes, finishes what it does, and takes nothing new."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from guantong.common.v1 import clock_service_pb2 as pb
from guantong.common.v1 import clock_service_pb2_grpc as pb_grpc

from chassis.foundation import founded
from chassis.rpc import serving
from chassis.settings import Settings
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.secrets import make_secrets
from tests.chassis.conftest import Suite, migrate

CONTRACT = [pb.DESCRIPTOR]


class Slow(pb_grpc.ClockServiceServicer):
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.released = asyncio.Event()

    async def GetClock(self, request: pb.GetClockRequest, context: Any) -> pb.Clock:  # noqa: ARG002, N802 - as the contract has it
        self.entered.set()
        await self.released.wait()
        return pb.Clock()

    async def AdvanceClock(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def serve(
    suite: Suite, folder: Path, stack: AsyncExitStack, slow: Slow, **changes: Any
) -> tuple[int, tuple[tuple[str, str]]]:
    """Serve until the stack closes; return the port and the metadata of a caller."""
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
            "drain_s": 5,
            **changes,
        }
    )
    base = await stack.enter_async_context(founded(settings, CONTRACT))
    port = await stack.enter_async_context(
        serving(
            base, CONTRACT, lambda server: pb_grpc.add_ClockServiceServicer_to_server(slow, server)
        )
    )
    claims = {"sub": "u1", "org": "alpha", "roles": ["registrar"]}
    token = Issuer(secrets).sign(claims, lifetime_s=60)
    return port, (("authorization", f"Bearer {token}"),)


async def test_a_server_that_stops_says_so_first_and_finishes_what_it_does(
    suite: Suite, tmp_path: Path
) -> None:
    slow = Slow()
    stack = AsyncExitStack()
    port, metadata = await serve(suite, tmp_path, stack, slow)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = pb_grpc.ClockServiceStub(channel)
        call = stub.GetClock(pb.GetClockRequest(), metadata=metadata)
        await slow.entered.wait()
        stopping = asyncio.create_task(stack.aclose())
        health: Any = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="")
        await asyncio.sleep(0.05)
        answer = await health.Check(request, timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert not stopping.done()
        # Long after calls are turned away it is still let finish.
        await asyncio.sleep(1.2)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as other:
            later: Any = health_pb2_grpc.HealthStub(other)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await later.Check(request, timeout=1)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        slow.released.set()
        assert await call == pb.Clock()
    await stopping


@pytest.mark.parametrize("reflection", [True, False])
async def test_the_contract_is_told_only_where_that_is_asked_for(
    suite: Suite, tmp_path: Path, stack: AsyncExitStack, *, reflection: bool
) -> None:
    port, _ = await serve(suite, tmp_path, stack, Slow(), reflection=reflection, drain_s=0)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        anything: Any = reflection_pb2_grpc.ServerReflectionStub
        call = anything(channel).ServerReflectionInfo(
            iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        )
        if not reflection:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call.read()
            assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
            return
        answer = await call.read()
        names = {each.name for each in answer.list_services_response.service}
        assert "guantong.common.v1.ClockService" in names
