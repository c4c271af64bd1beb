"""Asks every worker of every service, by gRPC health, whether it and its parts are ready.

It never caches: a reader of `/readyz` sees the present moment. It must not say why a part is not
ready; logs do.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_S = 1.0
# Health names of a service, beside the empty one for the process itself.
PARTS = ("database", "bus")
SERVING = "SERVING"
UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, kw_only=True)
class PartState:
    """What one endpoint said of one part."""

    part: str
    endpoint: str
    state: str

    @property
    def is_ready(self) -> bool:
        return self.state == SERVING


class Readiness:
    """Channels to all endpoints, kept open between questions."""

    def __init__(self, services: Mapping[str, Sequence[str]]) -> None:
        """Take the endpoints of each service; connect on the first question."""
        self._channels = [
            (service, endpoint, grpc.aio.insecure_channel(endpoint, options=_RECONNECT_QUICKLY))
            for service, endpoints in services.items()
            for endpoint in endpoints
        ]

    async def ask(self) -> list[PartState]:
        """Return the state of each part of each worker, all asked at once."""
        return await asyncio.gather(
            *[
                _ask(channel, endpoint, part)
                for service, endpoint, channel in self._channels
                for part in (service, *[f"{service}.{name}" for name in PARTS])
            ]
        )

    async def close(self) -> None:
        await asyncio.gather(*[channel.close() for _, _, channel in self._channels])


_RECONNECT_QUICKLY = (("grpc.max_reconnect_backoff_ms", 1000),)


async def _ask(channel: grpc.aio.Channel, endpoint: str, part: str) -> PartState:
    # The process itself is the empty name; its parts have names of their own.
    name = part if "." in part else ""
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        request = health_pb2.HealthCheckRequest(service=name)
        answer = await stub.Check(request, timeout=TIMEOUT_S)  # type: ignore[attr-defined]  # the stub's types lack it
        state = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    except grpc.aio.AioRpcError as error:
        unknown = error.code() == grpc.StatusCode.NOT_FOUND
        state = "SERVICE_UNKNOWN" if unknown else UNREACHABLE
    return PartState(part=part, endpoint=endpoint, state=state)
