"""The service of cooperations put together: its contract, its encoders, its servicer."""

from typing import Final

from google.protobuf.descriptor import FileDescriptor
from guantong.enrollment.v1 import cooperation_service_pb2

from chassis.changes import Encoder
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_head import CooperationHead
from services.enrollment.domain.cooperation_pupil import CooperationPupil
from services.enrollment.edge.cooperations import add_cooperations
from services.enrollment.edge.wire import cooperation_pupils, cooperations

COOPERATION_CONTRACT: Final[list[FileDescriptor]] = [cooperation_service_pb2.DESCRIPTOR]
COOPERATION_ENCODERS: Final[dict[type, Encoder]] = {
    Cooperation: cooperations.encode,
    CooperationHead: cooperations.encode_head,
    CooperationPupil: cooperation_pupils.encode,
}

__all__ = ["COOPERATION_CONTRACT", "COOPERATION_ENCODERS", "add_cooperations"]
