"""The RPCs of the demonstration clock: read business time, and move it forward.

Served only where a demonstration clock is set: real time is nobody's to move.
"""

from datetime import UTC
from typing import Any, TypeAlias

import grpc.aio
from guantong.common.v1 import clock_service_pb2 as pb
from guantong.common.v1.clock_service_pb2_grpc import ClockServiceServicer

from chassis.civil import from_instant
from chassis.clock import FileClock
from chassis.errors import FieldsInvalid, FieldViolation

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class DemonstrationClock(ClockServiceServicer):
    """Reads and moves the clock that every process of the suite reads."""

    def __init__(self, clock: FileClock) -> None:
        self._clock = clock

    async def GetClock(self, _request: pb.GetClockRequest, _context: Context) -> pb.Clock:
        return pb.Clock(business_time=from_instant(self._clock.now()))

    async def AdvanceClock(self, request: pb.AdvanceClockRequest, _context: Context) -> pb.Clock:
        """Move the clock; raises ClockMovesForwardOnly for an earlier time."""
        try:
            to = request.business_time.ToDatetime(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise _no_time() from None
        return pb.Clock(business_time=from_instant(self._clock.advance(to)))


def _no_time() -> FieldsInvalid:
    violation = FieldViolation(
        field="business_time",
        reason="TIME_INVALID",
        zh="不是有效的时间",
        en="not a time between the years 1 and 9999",
    )
    return FieldsInvalid(violations=[violation])
