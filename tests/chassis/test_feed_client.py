"""The way to another service's feed, while that service goes and comes."""

import asyncio
import time

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from chassis.feed_client import channel_to
from deploy.local.ports import free_port

# Long enough for a channel that doubles its delays to look for the source but rarely.
AWAY_S = 6


async def test_a_source_that_was_away_is_found_soon_after_its_return() -> None:
    address = f"127.0.0.1:{free_port()}"
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    try:
        async with channel_to(address) as channel:
            began_s = time.monotonic()
            while time.monotonic() < began_s + AWAY_S:
                assert not await _answers(channel)
                await asyncio.sleep(0.1)
            server.add_insecure_port(address)
            await server.start()
            async with asyncio.timeout(1.2):
                while not await _answers(channel):  # noqa: ASYNC110 - the source says nothing
                    await asyncio.sleep(0.05)
    finally:
        await server.stop(None)


async def _answers(channel: grpc.aio.Channel) -> bool:
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        await stub.Check(health_pb2.HealthCheckRequest(), timeout=1)  # type: ignore[attr-defined]  # the stub's types lack it
    except grpc.aio.AioRpcError:
        return False
    return True
