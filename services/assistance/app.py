"""The assistance service put together; read from top to bottom."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc.aio
from google.protobuf.message import Message
from guantong.assistance.v1 import (
    changes_service_pb2,
    changes_service_pb2_grpc,
    indicator_service_pb2,
    indicator_service_pb2_grpc,
    pairing_service_pb2,
    pairing_service_pb2_grpc,
)
from guantong.enrollment.v1 import changes_service_pb2 as enrollment_changes_pb2
from guantong.transfer.v1 import changes_service_pb2 as transfer_changes_pb2

from chassis.background import effects_of, in_background
from chassis.changes import Encoders
from chassis.changes_servicer import ChangesServicer
from chassis.foundation import Foundation, founded
from chassis.identity import Caller
from chassis.rpc import Register, serving
from chassis.settings import Settings
from chassis.standing import StandingCommands, StandingRefusals, StandIns
from services.assistance.domain.indicator import Indicator
from services.assistance.domain.pairing import Pairing
from services.assistance.domain.refusals import (
    NotStandIn,
    OrganisationBlocked,
    OrganisationEnded,
)
from services.assistance.edge import wire
from services.assistance.edge.indicators import Indicators
from services.assistance.edge.pairings import Pairings
from services.assistance.edge.subscriptions import HANDLERS

CONTRACT = [
    changes_service_pb2.DESCRIPTOR,
    indicator_service_pb2.DESCRIPTOR,
    pairing_service_pb2.DESCRIPTOR,
]
ENCODERS = Encoders({Indicator: wire.indicators.encode, Pairing: wire.pairings.encode})

_STANDING = StandingRefusals(
    blocked=OrganisationBlocked, ended=OrganisationEnded, not_stand_in=NotStandIn
)

# What the sources' feeds speak: holes in their streams are filled from there.
FEEDS = {"enrollment": enrollment_changes_pb2, "transfer": transfer_changes_pb2}


def servicers(base: Foundation) -> Register:
    """Return what adds the servicers, built on the open parts, to a server."""
    commands = StandingCommands(
        base.database,
        ENCODERS,
        present,
        request_key=base.request_key,
        refusals=_STANDING,
        refuses_new=True,
    )
    base.gate.let_stand_in(StandIns(base.database, _STANDING))
    pairings = Pairings(commands=commands, reader=base.database)
    indicators = Indicators(commands=commands, reader=base.database)
    # One class for all packages: their messages are alike.
    changes: Any = ChangesServicer(base.feed, changes_service_pb2, present=present)

    def register(server: grpc.aio.Server) -> None:
        changes_service_pb2_grpc.add_ChangesServiceServicer_to_server(changes, server)
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
        effects = effects_of(settings, ENCODERS, HANDLERS)
        background = await stack.enter_async_context(in_background(base, effects, FEEDS))
        register = servicers(base)
        await stack.enter_async_context(
            serving(base, CONTRACT, register, worker=worker, checks=background.checks)
        )
        yield background.run()
