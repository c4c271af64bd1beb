"""The assistance service put together; read from top to bottom."""

from guantong.assistance.v1 import (
    changes_service_pb2,
    indicator_service_pb2,
    pairing_service_pb2,
)

from chassis.changes import Encoders
from services.assistance.domain.indicator import Indicator
from services.assistance.domain.pairing import Pairing
from services.assistance.edge import wire

CONTRACT = [
    changes_service_pb2.DESCRIPTOR,
    indicator_service_pb2.DESCRIPTOR,
    pairing_service_pb2.DESCRIPTOR,
]
ENCODERS = Encoders({Indicator: wire.indicators.encode, Pairing: wire.pairings.encode})
