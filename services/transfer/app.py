"""The transfer service put together; read from top to bottom."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager

from guantong.transfer.v1 import (
    application_service_pb2,
    application_service_pb2_grpc,
    changes_service_pb2,
    objection_service_pb2,
    objection_service_pb2_grpc,
    transfer_batch_service_pb2,
    transfer_batch_service_pb2_grpc,
)

from chassis.changes import Encoders
from chassis.foundation import founded, key_store
from chassis.presenting import Presenter, parties_by_fields
from chassis.requests import Commands
from chassis.rpc import serving
from chassis.settings import Settings
from services.transfer.domain.application import Application
from services.transfer.domain.objection import Objection
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.edge import wire
from services.transfer.edge.applications import Applications
from services.transfer.edge.objections import Objections
from services.transfer.edge.transfer_batches import TransferBatches

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
