"""A service of the local stack without a domain: healthy, answers the clock, migrates nothing.

`python stand_in_service.py SERVICE serve|migrate`, with a real service's environment.
"""

import asyncio
import os
import signal
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from guantong.common.v1 import clock_service_pb2_grpc

from tests.gateway.stand_in_servicer import StandInClock


async def serve(service: str, port: int) -> None:
    server = grpc.aio.server()
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    clock_service_pb2_grpc.add_ClockServiceServicer_to_server(StandInClock([]), server)
    for name in ("", f"{service}.database", f"{service}.bus"):
        await servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await server.stop(0)


if __name__ == "__main__":
    if sys.argv[2] == "serve":
        asyncio.run(serve(sys.argv[1], int(os.environ["GUANTONG_PORT"])))
