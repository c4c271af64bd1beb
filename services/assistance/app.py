"""The assistance service put together; read from top to bottom."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import grpc.aio
from google.protobuf.message import Message
from guantong.assistance.v1 import (
    changes_service_pb2,
    indicator_service_pb2,
    indicator_service_pb2_grpc,
    pairing_service_pb2,
    pairing_service_pb2_grpc,
)

from chassis.changes import Encoders
from chassis.foundation import Foundation, founded
from chassis.identity import Caller
from chassis.requests import Commands
from chassis.rpc import Register, serving
from chassis.settings import Settings
from services.assistance.domain.indicator import Indicator
from services.assistance.domain.pairing import Pairing
from services.assistance.edge import wire
from services.assistance.edge.indicators import Indicators
from services.assistance.edge.pairings import Pairings

CONTRACT = [
    changes_service_pb2.DESCRIPTOR,
    indicator_service_pb2.DESCRIPTOR,
    pairing_service_pb2.DESCRIPTOR,
]
ENCODERS = Encoders({Indicator: wire.indicators.encode, Pairing: wire.pairings.encode})


def servicers(base: Foundation) -> Register:
    """Return what adds the servicers, built on the open parts, to a server."""
    commands = Commands(base.database, ENCODERS, present)
    pairings = Pairings(commands=commands, reader=base.database)
    indicators = Indicators(commands=commands, reader=base.database)

    def register(server: grpc.aio.Server) -> None:
        pairing_service_pb2_grpc.add_PairingServiceServicer_to_server(pairings, server)
        indicator_service_pb2_grpc.add_IndicatorServiceServicer_to_server(indicators, server)

    return register


async def present(messages: Sequence[Message], caller: Caller) -> None:
    """Leave messages as they are: this service holds nothing that is sealed, and no keys."""


@asynccontextmanager
async def running(settings: Settings, worker: int) -> AsyncIterator[Awaitable[None]]:
    """Serve until the block ends; what is yielded ends only by a fault."""
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(founded(settings, CONTRACT))
        register = servicers(base)
        await stack.enter_async_context(serving(base, CONTRACT, register, worker=worker))
        yield _for_ever()


async def _for_ever() -> None:
    await asyncio.Event().wait()
