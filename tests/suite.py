"""The three services in this process, hearing of each other without a broker.

Each is served by its own servicers behind the real interceptors, numbers its history, and follows
the others by the real subscriber: as when the broker keeps everything back, all is read from the
sources' feeds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import grpc.aio

from chassis import keystore
from chassis.bus import Bus
from chassis.effects import Effects
from chassis.feed_client import FeedClient
from chassis.migrations import upgrade
from chassis.subscriber import Subscriber
from chassis.tasks import end
from deploy.local.door import Door
from deploy.local.stack import BUSINESS_TIME_BEGINS
from services.assistance import app as assistance
from services.assistance.edge.subscriptions import HANDLERS as ASSISTANCE_HANDLERS
from services.enrollment import app as enrollment
from services.enrollment.edge.subscriptions import HANDLERS as ENROLLMENT_HANDLERS
from services.transfer import app as transfer
from services.transfer.edge.subscriptions import HANDLERS as TRANSFER_HANDLERS
from tests.mirror import FEEDS
from tests.served import Served, served

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
APPS: dict[str, Any] = {"enrollment": enrollment, "transfer": transfer, "assistance": assistance}
_HANDLERS: dict[str, Any] = {
    "enrollment": ENROLLMENT_HANDLERS,
    "transfer": TRANSFER_HANDLERS,
    "assistance": ASSISTANCE_HANDLERS,
}
_KEYSTORE = Path(keystore.__file__).with_name("migrations")
_LOOK_S = 0.05


class Deaf(Subscriber):
    """A subscriber to whom the broker delivers nothing."""

    async def _follow_broker(self) -> None:
        await asyncio.Event().wait()


class Channels:
    """One channel to all services: a call goes to the one whose package it names."""

    def __init__(self, channels: dict[str, grpc.aio.Channel]) -> None:
        self._channels = channels

    def __getattr__(self, kind: str) -> Any:
        return lambda path, *args, **facts: getattr(self._to(path), kind)(path, *args, **facts)

    def _to(self, path: str) -> grpc.aio.Channel:
        package = path.split(".")[1]
        # What all have in common, enrollment serves.
        return self._channels.get(package, self._channels["enrollment"])


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The running services by name."""

    services: dict[str, Served]
    door: Door

    @property
    def channel(self) -> grpc.aio.Channel:
        """Return what the stubs of all packages call through."""
        channels = {name: each.channel for name, each in self.services.items()}
        return cast("grpc.aio.Channel", Channels(channels))

    async def settle(self) -> None:
        """Wait until each service has heard all that the others have to say."""
        async with asyncio.timeout(60):
            # Twice: between the two looks nobody has begun anew.
            while await self._is_behind() or await self._is_behind():  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(_LOOK_S)

    async def _is_behind(self) -> bool:
        heads = {}
        for name, each in self.services.items():
            if await each.rows("unsequenced"):
                return True
            heads[name] = (await each.rows("head"))[0]["position"]
        for name, each in self.services.items():
            cursors = {
                row["source"]: row["position"] for row in await each.rows("subscription_cursor")
            }
            if any(cursors.get(source, 0) != heads[source] for source in _HANDLERS[name]):
                return True
        return False


@asynccontextmanager
async def in_process(
    make_database: MakeDatabase, folder: Path, *, start: datetime = BUSINESS_TIME_BEGINS
) -> AsyncIterator[Suite]:
    """Serve all three until the block ends."""
    keystore_dsn = await make_database("keystore", lambda dsn: upgrade(dsn, _KEYSTORE))
    dsns = {"keystore": keystore_dsn}
    services: dict[str, Served] = {}
    async with AsyncExitStack() as stack:
        for name, app in APPS.items():
            migrations = Path(app.__file__).with_name("migrations")
            dsns[name] = await make_database(name, lambda dsn, at=migrations: upgrade(dsn, at))  # type: ignore[misc] # bound now
            services[name] = await stack.enter_async_context(
                served(
                    service=name,
                    database_dsn=dsns[name],
                    keystore_dsn=keystore_dsn,
                    folder=folder,
                    contract=app.CONTRACT,
                    servicers=_servicers(name, app),
                    start=start,
                )
            )
        issuer = services["enrollment"].issuer
        door = Door(url="", target="", dsns=dsns, issuer=issuer)
        tasks = [asyncio.create_task(each) for each in _background(services, folder)]
        try:
            yield Suite(services=services, door=door)
        finally:
            await end(*tasks)


def _servicers(name: str, app: Any) -> Any:
    # The assistance holds nothing that is sealed.
    if name == "assistance":
        return lambda base, _keys: app.servicers(base)
    return app.servicers


def _background(services: dict[str, Served], folder: Path) -> Sequence[Coroutine[Any, Any, None]]:
    parts: list[Coroutine[Any, Any, None]] = []
    for name, each in services.items():
        token_file = folder / f"token-{name}"
        token_file.write_text(each.issuer.issue_for_service(name))
        parts.append(each.base.sequencer.run())
        for source, handlers in _HANDLERS[name].items():
            effects = Effects(
                service=name,
                source=source,
                handlers=handlers,
                encoders=APPS[name].ENCODERS,
                clock=each.clock,
            )
            feed = FeedClient(services[source].channel, FEEDS[source][0], token_file=token_file)
            subscriber = Deaf(each.base.database, cast("Bus", None), effects, feed, check_s=_LOOK_S)
            parts.append(subscriber.run())
    return parts
