"""The services of internships, placements and what is counted of them put together."""

from typing import Final

import grpc.aio
from google.protobuf.descriptor import FileDescriptor
from guantong.enrollment.v1 import (
    internship_service_pb2,
    internship_service_pb2_grpc,
    placement_service_pb2,
    placement_service_pb2_grpc,
    statistics_service_pb2,
    statistics_service_pb2_grpc,
)

from chassis import db
from chassis.changes import Encoder
from chassis.keys import KeyStore
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.domain.internship import Internship
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.domain.placement import Placement
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.internships import Internships
from services.enrollment.edge.placements import Placements
from services.enrollment.edge.regions import RegionList
from services.enrollment.edge.statistics import Statistics
from services.enrollment.edge.wire import internships, placements

PRACTICE_CONTRACT: Final[list[FileDescriptor]] = [
    internship_service_pb2.DESCRIPTOR,
    placement_service_pb2.DESCRIPTOR,
    statistics_service_pb2.DESCRIPTOR,
]
PRACTICE_ENCODERS: Final[dict[type, Encoder]] = {
    Internship: internships.encode,
    InternshipPoint: internships.encode_point,
    Placement: placements.encode,
}


def add_practice_services(
    server: grpc.aio.Server,
    *,
    commands: Commands,
    reader: db.Database,
    keys: KeyStore,
    present: Presenter,
    policies: PolicyTable,
) -> None:
    """Add the servicers of work in enterprises and of destinations."""
    regions = RegionList()
    internship_service_pb2_grpc.add_InternshipServiceServicer_to_server(
        Internships(
            commands=commands,
            reader=reader,
            present=present,
            keys=keys,
            policies=policies,
            regions=regions,
        ),
        server,
    )
    placement_service_pb2_grpc.add_PlacementServiceServicer_to_server(
        Placements(commands=commands, reader=reader, present=present, keys=keys, regions=regions),
        server,
    )
    statistics_service_pb2_grpc.add_StatisticsServiceServicer_to_server(
        Statistics(reader=reader.counting()), server
    )
