"""Reads another service's feed over gRPC: how a subscriber fills a hole.

The three packages' messages have one shape, so the client is built from the package's module. It
is used in the background only: no command calls another service.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc.aio
from guantong.common.v1.event_pb2 import Change

from chassis.epoch import Head
from chassis.errors import CursorExpired
from chassis.feed import SIZE_MAX
from chassis.feed_tokens import plain_token

_TIMEOUT_S = 10.0
# By default a channel to a source that was away for long looks for it every two minutes.
_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # A peer that vanished without a word is noticed.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
)


def channel_to(address: str) -> grpc.aio.Channel:
    """Return a channel that finds a source again within a second of its return."""
    return grpc.aio.insecure_channel(address, options=_OPTIONS)


class FeedClient:
    """One source's feed, read with this service's own token."""

    def __init__(self, channel: grpc.aio.Channel, messages: Any, *, token_file: Path) -> None:
        """Take a channel to the source and its package's `changes_service_pb2`."""
        self._messages = messages
        self._token_file = token_file
        service = messages.DESCRIPTOR.services_by_name["ChangesService"].full_name
        self._list: Any = channel.unary_unary(
            f"/{service}/ListChanges",
            request_serializer=messages.ListChangesRequest.SerializeToString,
            response_deserializer=messages.ListChangesResponse.FromString,
        )
        self._get_head: Any = channel.unary_unary(
            f"/{service}/GetHead",
            request_serializer=messages.GetHeadRequest.SerializeToString,
            response_deserializer=messages.Head.FromString,
        )

    async def head(self) -> Head:
        """Return the end of the source's history."""
        head = await self._call(self._get_head, self._messages.GetHeadRequest())
        return Head(position=head.position, epoch=head.epoch)

    async def changes(self, *, epoch: str, after: int) -> Sequence[Change]:
        """Return the next changes after a position; raises CursorExpired for another epoch."""
        request = self._messages.ListChangesRequest(
            token=plain_token(Head(after, epoch)), page_size=SIZE_MAX
        )
        try:
            response = await self._call(self._list, request)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.OUT_OF_RANGE:
                raise CursorExpired from None
            raise
        changes: Sequence[Change] = response.changes
        return changes

    async def _call(self, method: Any, request: Any) -> Any:
        # Read each time: the token is renewed while the service runs.
        metadata = (("authorization", f"Bearer {self._token_file.read_text().strip()}"),)
        return await method(request, metadata=metadata, timeout=_TIMEOUT_S)
