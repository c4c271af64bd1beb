"""What a service does besides answering calls: publish its history, follow others', keep days.

Each part runs in one process of the service at a time and is taken over when that process dies.
This module puts the parts together and must not know what a change means.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from chassis.bus import Bus
from chassis.changes import Encoders
from chassis.effects import Effects, Handler
from chassis.feed_client import FeedClient, channel_to
from chassis.foundation import Foundation, clock_of
from chassis.relay import Relay, number_and_publish
from chassis.rpc import Check
from chassis.settings import Settings, SettingsInvalid, required
from chassis.subscriber import Subscriber
from chassis.sweeping import Sweep
from chassis.tasks import end

# By source, then by event type.
Handlers = Mapping[str, Mapping[str, Handler]]


@dataclass(frozen=True, slots=True)
class Background:
    """The parts, ready to run, and what tells whether they can."""

    checks: Mapping[str, Check]
    parts: Sequence[Callable[[], Awaitable[None]]]

    async def run(self) -> None:
        """Run all parts until cancelled; raises what one of them could not live with."""
        tasks = [asyncio.ensure_future(part()) for part in self.parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await end(*tasks)


@asynccontextmanager
async def in_background(
    base: Foundation,
    effects: Mapping[str, Effects],
    feeds: Mapping[str, Any],
    sweeps: Sequence[Sweep] = (),
) -> AsyncIterator[Background]:
    """Open the bus and the ways to the sources' feeds; `feeds` are their packages' messages.

    `sweeps` is the service's own work that is due by the clock.
    """
    settings = base.settings
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(
            Bus.open(
                url=settings.nats_url,
                monitor_urls=settings.nats_monitor_url,
                name=settings.service,
            )
        )
        relay = Relay(
            base.database,
            bus,
            base.sequencer,
            region=settings.region,
            service=settings.service,
        )
        parts: list[Callable[[], Awaitable[None]]] = [
            lambda: number_and_publish(base.database, base.sequencer, relay)
        ]
        token_file = required(settings.service_token_file, "service_token_file")
        for source, effect in effects.items():
            channel = await stack.enter_async_context(channel_to(_address(settings, source)))
            feed = FeedClient(channel, feeds[source], token_file=token_file)
            parts.append(Subscriber(base.database, bus, effect, feed).run)
        parts.extend(sweep.run for sweep in sweeps)
        yield Background(checks={"bus": _BusCheck(bus)}, parts=parts)


def effects_of(settings: Settings, encoders: Encoders, handlers: Handlers) -> dict[str, Effects]:
    """Return what the events of each source do in this service."""
    clock = clock_of(settings)
    return {
        source: Effects(
            service=settings.service,
            source=source,
            handlers=by_event,
            encoders=encoders,
            clock=clock,
        )
        for source, by_event in handlers.items()
    }


def _address(settings: Settings, source: str) -> str:
    if source not in settings.peers:
        raise SettingsInvalid(f"GUANTONG_PEERS does not say where {source} is")
    return settings.peers[source]


class _BusCheck:
    """Whether the broker can be reached."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def __call__(self) -> bool:
        return self._bus.is_connected
