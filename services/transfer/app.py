"""The transfer service put together; read from top to bottom."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc.aio
from guantong.enrollment.v1 import changes_service_pb2 as enrollment_changes_pb2
from guantong.transfer.v1 import (
    application_service_pb2,
    application_service_pb2_grpc,
    changes_service_pb2,
    changes_service_pb2_grpc,
    objection_service_pb2,
    objection_service_pb2_grpc,
    transfer_batch_service_pb2,
    transfer_batch_service_pb2_grpc,
)

from chassis.background import effects_of, in_background
from chassis.changes import Encoders
from chassis.changes_servicer import ChangesServicer
from chassis.foundation import Foundation, founded, key_store
from chassis.keys import KeyStore
from chassis.presenting import Presenter, parties_by_fields
from chassis.rpc import Register, serving
from chassis.sealing import TextSealer
from chassis.settings import Settings
from chassis.standing import StandingCommands, StandingRefusals, StandIns
from chassis.unsealed import seal_leftovers
from services.transfer.domain.application import Application
from services.transfer.domain.objection import Objection
from services.transfer.domain.policy import Policy
from services.transfer.domain.refusals import NotStandIn, OrganisationBlocked, OrganisationEnded
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.edge import wire
from services.transfer.edge.applications import Applications
from services.transfer.edge.objections import Objections
from services.transfer.edge.subscriptions import HANDLERS
from services.transfer.edge.transfer_batches import TransferBatches
from services.transfer.store.tables import metadata

CONTRACT = [
    application_service_pb2.DESCRIPTOR,
    changes_service_pb2.DESCRIPTOR,
    objection_service_pb2.DESCRIPTOR,
    transfer_batch_service_pb2.DESCRIPTOR,
]
ENCODERS = Encoders(
    {
        Application: wire.applications.encode,
        Objection: wire.objections.encode,
        TransferBatch: wire.transfer_batches.encode,
    }
)

_STANDING = StandingRefusals(
    blocked=OrganisationBlocked, ended=OrganisationEnded, not_stand_in=NotStandIn
)

# What the sources' feeds speak: holes in their streams are filled from there.
FEEDS = {"enrollment": enrollment_changes_pb2}


def servicers(base: Foundation, keys: KeyStore) -> Register:
    """Return what adds the servicers, built on the open parts, to a server."""
    policy = Policy()
    present = Presenter(keys, parties_by_fields("front_organisation", "back_organisation"))
    sealer = TextSealer(keys)
    # Applications of its students are no new facts of a school: they go on with their pathway.
    commands = StandingCommands(
        base.database,
        ENCODERS,
        present,
        request_key=base.request_key,
        refusals=_STANDING,
        refuses_new=False,
    )
    base.gate.let_stand_in(StandIns(base.database, _STANDING))
    applications = Applications(
        commands=commands, reader=base.database, present=present, sealer=sealer, policy=policy
    )
    batches = TransferBatches(commands=commands, reader=base.database, policy=policy)
    objections = Objections(commands=commands, reader=base.database, present=present, sealer=sealer)
    # One class for all packages: their messages are alike.
    changes: Any = ChangesServicer(base.feed, changes_service_pb2, present=present)

    def register(server: grpc.aio.Server) -> None:
        changes_service_pb2_grpc.add_ChangesServiceServicer_to_server(changes, server)
        application_service_pb2_grpc.add_ApplicationServiceServicer_to_server(applications, server)
        transfer_batch_service_pb2_grpc.add_TransferBatchServiceServicer_to_server(batches, server)
        objection_service_pb2_grpc.add_ObjectionServiceServicer_to_server(objections, server)

    return register


@asynccontextmanager
async def running(settings: Settings, worker: int) -> AsyncIterator[Awaitable[None]]:
    """Serve until the block ends; what is yielded ends only by a fault."""
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(founded(settings, CONTRACT))
        keys = await stack.enter_async_context(key_store(settings))
        await seal_leftovers(base.database, keys, metadata)
        effects = effects_of(settings, ENCODERS, HANDLERS)
        background = await stack.enter_async_context(in_background(base, effects, FEEDS))
        register = servicers(base, keys)
        await stack.enter_async_context(
            serving(base, CONTRACT, register, worker=worker, checks=background.checks)
        )
        yield background.run()
