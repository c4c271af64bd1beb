"""Pulls messages of a durable consumer, in batches, through lost pulls and reconnects.

Stands in for nats-py's `fetch`, which stalls. One inbox for all pulls; a pull that neither
delivers nor beats is taken for lost and asked again. What is buffered is bounded by what was
asked for.
"""

import json
import time
from asyncio import Event
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, Self

import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chassis.bus import Bus
from chassis.tasks import happens

SIZE_MAX: Final = 200
_EXPIRES_S = 5.0
_HEARTBEAT_S = 1.0
_LOST_S = 2.5 * _HEARTBEAT_S
_NANOSECONDS = 1_000_000_000


class ConsumerGone(nats.errors.Error):
    """The consumer or its stream does not exist any more: create it again."""


class Puller:
    """Messages of one consumer; each must be acknowledged by whoever takes it."""

    def __init__(self, bus: Bus, *, stream: str, durable: str, size: int) -> None:
        self._bus = bus
        self._request = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._size = size
        self._inbox = bus.connection.new_inbox()
        self._generation = bus.generation
        self._arrived: deque[Msg] = deque()
        self._event = Event()
        self._asked = 0
        self._heard_s = 0.0
        self._is_gone = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls, bus: Bus, *, stream: str, durable: str, size: int = SIZE_MAX
    ) -> AsyncIterator[Self]:
        """Pull until the end of the block, then hand back what nobody took."""
        puller = cls(bus, stream=stream, durable=durable, size=size)
        subscription = await bus.connection.subscribe(
            puller._inbox, cb=puller._on_message, pending_msgs_limit=8 * size
        )
        try:
            yield puller
        finally:
            await puller._hand_back(subscription)

    async def next_batch(self, *, within_s: float) -> list[Msg]:
        """Return what is there, at most `size`, or nothing when nothing came in time.

        Raises ConsumerGone.
        """
        deadline_s = time.monotonic() + within_s
        while True:
            await self._ask()
            if self._arrived:
                count = min(self._size, len(self._arrived))
                return [self._arrived.popleft() for _ in range(count)]
            remaining_s = deadline_s - time.monotonic()
            if remaining_s <= 0:
                return []
            self._event.clear()
            await happens(self._event, within_s=min(remaining_s, _HEARTBEAT_S))

    async def _ask(self) -> None:
        if self._is_gone:
            raise ConsumerGone
        now_s = time.monotonic()
        if self._generation != self._bus.generation or now_s - self._heard_s > _LOST_S:
            self._generation = self._bus.generation
            self._asked = 0
        wanted = self._size - self._asked - len(self._arrived)
        if wanted < self._size // 2 or not self._bus.is_connected:
            return
        request = {
            "batch": wanted,
            "expires": int(_EXPIRES_S * _NANOSECONDS),
            "idle_heartbeat": int(_HEARTBEAT_S * _NANOSECONDS),
        }
        self._heard_s = now_s
        self._asked += wanted
        await self._bus.connection.publish(
            self._request, json.dumps(request).encode(), reply=self._inbox
        )

    async def _on_message(self, message: Msg) -> None:
        self._heard_s = time.monotonic()
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None:
            self._asked = max(0, self._asked - 1)
            self._arrived.append(message)
        elif status == "100":
            return
        elif status == "503" or "Consumer Deleted" in headers.get("Description", ""):
            self._is_gone = True
        else:
            unserved = int(headers.get("Nats-Pending-Messages", self._asked))
            self._asked = max(0, self._asked - unserved)
        self._event.set()

    async def _hand_back(self, subscription: Subscription) -> None:
        """Drop interest first, so that the server discards the waiting pull."""
        with suppress(nats.errors.Error):
            await subscription.unsubscribe()
            if self._bus.is_connected:
                await self._bus.connection.flush(timeout=1)
        await hand_back(self._arrived)


async def hand_back(messages: deque[Msg] | list[Msg]) -> None:
    """Give messages back for another delivery, as far as that can be said now."""
    with suppress(nats.errors.Error):
        for message in messages:
            await message.nak()
