"""The services of 学籍 put together: records, electronic registrations and status changes."""

from typing import Final

import grpc.aio
from google.protobuf.descriptor import FileDescriptor
from guantong.enrollment.v1 import (
    electronic_registration_service_pb2,
    electronic_registration_service_pb2_grpc,
    status_change_service_pb2,
    status_change_service_pb2_grpc,
    status_record_service_pb2,
    status_record_service_pb2_grpc,
)

from chassis import db
from chassis.changes import Encoder
from chassis.keys import KeyStore
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.sealing import TextSealer
from services.enrollment.commands.seal_reasons import ReasonSealer
from services.enrollment.domain.electronic_registration import ElectronicRegistration
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.edge.electronic_registrations import ElectronicRegistrations
from services.enrollment.edge.status_changes import StatusChanges
from services.enrollment.edge.status_records import StatusRecords
from services.enrollment.edge.wire import electronic_registrations as registration_wire
from services.enrollment.edge.wire import status_changes as change_wire
from services.enrollment.edge.wire import status_records as record_wire

STATUS_CONTRACT: Final[list[FileDescriptor]] = [
    electronic_registration_service_pb2.DESCRIPTOR,
    status_change_service_pb2.DESCRIPTOR,
    status_record_service_pb2.DESCRIPTOR,
]
STATUS_ENCODERS: Final[dict[type, Encoder]] = {
    ElectronicRegistration: registration_wire.encode,
    StatusChange: change_wire.encode,
    StatusRecord: record_wire.encode,
}


def add_status_services(
    server: grpc.aio.Server,
    *,
    commands: Commands,
    reader: db.Reader,
    keys: KeyStore,
    present: Presenter,
    policies: PolicyTable,
) -> None:
    """Add the servicers of everything that keeps and changes 学籍."""
    status_record_service_pb2_grpc.add_StatusRecordServiceServicer_to_server(
        StatusRecords(
            commands=commands,
            reader=reader,
            present=present,
            sealer=TextSealer(keys),
            policies=policies,
        ),
        server,
    )
    electronic_registration_service_pb2_grpc.add_ElectronicRegistrationServiceServicer_to_server(
        ElectronicRegistrations(commands=commands, reader=reader, policies=policies), server
    )
    status_change_service_pb2_grpc.add_StatusChangeServiceServicer_to_server(
        StatusChanges(
            commands=commands,
            reader=reader,
            present=present,
            sealer=ReasonSealer(keys),
            policies=policies,
        ),
        server,
    )
