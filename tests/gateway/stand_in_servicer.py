"""Services of the contract that answer anything, and keep the headers that reached them."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc
from guantong.common.v1 import clock_service_pb2, clock_service_pb2_grpc
from guantong.enrollment.v1 import import_service_pb2, import_service_pb2_grpc
from guantong.transfer.v1 import changes_service_pb2, changes_service_pb2_grpc


class StandInClock(clock_service_pb2_grpc.ClockServiceServicer):
    """Keeps what it sees; advancing refuses, with the year as its message's only number."""

    def __init__(self, seen: list[Mapping[str, str]]) -> None:
        """Take the list to which the headers of each call are appended."""
        self._seen = seen

    async def GetClock(
        self,
        request: clock_service_pb2.GetClockRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> clock_service_pb2.Clock:
        self._seen.append(
            {str(key): str(value) for key, value in context.invocation_metadata() or ()}
        )
        clock = clock_service_pb2.Clock()
        clock.business_time.FromJsonString("2023-05-01T00:00:00Z")
        return clock

    async def AdvanceClock(
        self,
        request: clock_service_pb2.AdvanceClockRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> clock_service_pb2.Clock:
        await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the clock stands still")
        raise AssertionError


class StandInChanges(changes_service_pb2_grpc.ChangesServiceServicer):
    """Streams three marks."""

    async def ListChanges(
        self,
        request: changes_service_pb2.ListChangesRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - as the contract has it
    ) -> changes_service_pb2.ListChangesResponse:
        return changes_service_pb2.ListChangesResponse()

    async def GetHead(
        self,
        request: changes_service_pb2.GetHeadRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - as the contract has it
    ) -> changes_service_pb2.Head:
        return changes_service_pb2.Head()

    async def GetDigest(
        self,
        request: changes_service_pb2.GetDigestRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - as the contract has it
    ) -> changes_service_pb2.Digest:
        return changes_service_pb2.Digest()

    async def ListDigestEntries(
        self,
        request: changes_service_pb2.ListDigestEntriesRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - as the contract has it
    ) -> changes_service_pb2.ListDigestEntriesResponse:
        return changes_service_pb2.ListDigestEntriesResponse()

    async def WatchChanges(
        self,
        request: changes_service_pb2.WatchChangesRequest,  # noqa: ARG002 - as the contract has it
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - as the contract has it
    ) -> AsyncIterator[changes_service_pb2.WatchChangesResponse]:
        for position in range(1, 4):
            yield changes_service_pb2.WatchChangesResponse(position=position)


class StandInImports(import_service_pb2_grpc.ImportServiceServicer):
    """Counts the messages of a stream."""

    async def ImportRoster(
        self,
        requests: AsyncIterator[import_service_pb2.ImportRosterRequest],
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - as the contract has it
    ) -> AsyncIterator[import_service_pb2.ImportRosterResponse]:
        number = 0
        async for _ in requests:
            number += 1
            yield import_service_pb2.ImportRosterResponse(chunk_number=number)

    # The other methods are not called.
    ImportOutcomes: Any = None
    ImportStatusChanges: Any = None
    GetImport: Any = None
    ListImports: Any = None
    ListImportErrors: Any = None
