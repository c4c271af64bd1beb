"""Publishes to a stream with many messages in flight, and knows up to which all are stored.

The own inbox and window stand in for nats-py's futures, which never resolve after a reconnect.
One way of recovery for everything: when an acknowledgement is missing, an error or the
connection lost, the window is void and the caller publishes again from `mark`, with the same
message ids; the broker drops what it already has.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

import nats.errors
from nats.aio.msg import Msg

from chassis.bus import Bus
from chassis.tasks import happens

SIZE_DEFAULT = 256
_LOOK_S = 0.25


class PublishFailed(nats.errors.Error):
    """It is unknown which of the messages in flight are stored: publish again from the mark."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: its place in the history, and what goes on the wire."""

    position: int
    subject: str
    payload: bytes
    headers: dict[str, str]


class PublishWindow:
    """Messages of consecutive positions, at most `size` of them unacknowledged."""

    def __init__(self, bus: Bus, *, after: int, size: int, timeout_s: float) -> None:
        """Expect the position after `after` next."""
        self._bus = bus
        self._generation = bus.generation
        self._size = size
        self._timeout_s = timeout_s
        self._inbox = bus.connection.new_inbox()
        self._acknowledged: set[int] = set()
        self._sent_s: dict[int, float] = {}
        self._failure = ""
        self.mark = after
        self.moved = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, bus: Bus, *, after: int, size: int = SIZE_DEFAULT, timeout_s: float = 5.0
    ) -> AsyncIterator[Self]:
        """Open a window whose first message has the position after `after`."""
        window = cls(bus, after=after, size=size, timeout_s=timeout_s)
        subscription = await bus.connection.subscribe(
            f"{window._inbox}.*", cb=window._on_answer, pending_msgs_limit=4 * size
        )
        try:
            yield window
        finally:
            with suppress(nats.errors.Error):
                await subscription.unsubscribe()

    @property
    def in_flight(self) -> int:
        return len(self._sent_s)

    async def send(self, message: Outgoing) -> None:
        """Publish, after waiting for room; raises PublishFailed when the window is void."""
        while self.in_flight >= self._size:
            await self.wait()
        self._sent_s[message.position] = time.monotonic()
        await self._bus.connection.publish(
            message.subject,
            message.payload,
            reply=f"{self._inbox}.{message.position}",
            headers=message.headers,
        )

    async def wait(self, *, within_s: float = _LOOK_S) -> None:
        """Wait until the mark moves or some time passes; raises PublishFailed when void."""
        if not self._failure:
            self.moved.clear()
            await happens(self.moved, within_s=within_s)
        self._check()

    async def settle(self) -> None:
        """Wait until everything sent is stored; raises PublishFailed when the window is void."""
        while self._sent_s:
            await self.wait()

    def _check(self) -> None:
        if self._failure:
            raise PublishFailed(self._failure)
        if self._bus.generation != self._generation:
            raise PublishFailed("the connection was lost")
        if self._sent_s:
            # In order of sending.
            oldest_s = next(iter(self._sent_s.values()))
            if time.monotonic() - oldest_s > self._timeout_s:
                raise PublishFailed("an acknowledgement is missing")

    async def _on_answer(self, message: Msg) -> None:
        position = int(message.subject.rpartition(".")[2])
        failure = _failure_in(message)
        if failure:
            self._failure = failure
            self.moved.set()
            return
        self._sent_s.pop(position, None)
        self._acknowledged.add(position)
        while self.mark + 1 in self._acknowledged:
            self.mark += 1
            self._acknowledged.remove(self.mark)
        # Only those who wait for room or for the end are woken, each once.
        self.moved.set()


def _failure_in(message: Msg) -> str:
    """Return why a message was not stored, or nothing when it was."""
    if not message.data:
        return f"no stream took the message ({(message.headers or {}).get('Status', '?')})"
    # The usual answer is not parsed: it names stream and sequence, which nobody here needs.
    if b'"error"' not in message.data:
        return ""
    return str(json.loads(message.data)["error"].get("description", "unknown"))
