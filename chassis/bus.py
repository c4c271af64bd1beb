"""The connection to the message broker, and the stream that a service publishes to.

The broker is transport, never truth: everything on it can be read again from the change rows.
Only a stream's owner creates or changes it. This module must not know what a message means.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self

import httpx
import nats.errors
import nats.js.api as jetstream
from nats.aio.client import Client
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.errors import DomainError, Kind
from chassis.logs import get_logger
from chassis.tasks import end

_log = get_logger(__name__)

KEEP_S: Final = 7 * 24 * 3600
DUPLICATES_S: Final = 120
BYTES_MAX: Final = 1024 * 1024 * 1024
_PENDING_BYTES_MAX = 2 * 1024 * 1024
_RECONNECT_S = 0.25
_ANSWER_S = 3.0
_LOOK_S = 0.02
_CLOSE_S = 3.0


class BrokerNotDurable(DomainError):
    """The broker acknowledges what is not yet on its disk: a power cut would lose it."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "消息服务器 {url} 在写盘之前就确认消息，断电会丢失已确认的消息。"
        "请在其配置的 jetstream 一节设置 `sync_interval: always` 并重启，再启动本服务。"
    )
    en = (
        "The message broker at {url} acknowledges messages before they are on its disk, so a "
        "power cut would lose them. Set `sync_interval: always` in the jetstream block of its "
        "configuration, restart it, then start this service."
    )


class BrokerAway(DomainError):
    """The broker's monitoring endpoint does not answer, so nothing is known about the broker."""

    kind = Kind.UNAVAILABLE
    zh = "无法访问消息服务器的监控地址 {url}。请确认其已启动并开放监控端口；本服务会继续尝试。"
    en = (
        "The monitoring address {url} of the message broker does not answer. Check that it runs "
        "and that the address is right; the service keeps trying."
    )


def stream_name(service: str) -> str:
    """Return the name of a service's stream."""
    return f"GUANTONG_{service.upper()}"


def subject_tree(*, region: str, service: str) -> str:
    """Return the prefix of every subject of a service's events."""
    return f"guantong.{region}.{service}."


class Bus:
    """A connection that is kept up for ever, in the background."""

    def __init__(self, *, url: str, monitor_urls: str, name: str) -> None:
        """Take the broker's address, and the monitoring addresses of its servers (by commas)."""
        self._url = url
        self._monitor_urls = [each.strip().rstrip("/") for each in monitor_urls.split(",")]
        self._name = name
        self._connection = Client()
        # Raised with each lost connection: what was under way before is in doubt.
        self.generation = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, *, url: str, monitor_urls: str, name: str) -> AsyncIterator[Self]:
        """Connect in the background; a broker that is away keeps nobody from starting."""
        bus = cls(url=url, monitor_urls=monitor_urls, name=name)
        connecting = asyncio.create_task(bus._connect())
        try:
            yield bus
        finally:
            await end(connecting)
            with suppress(Exception):
                async with asyncio.timeout(_CLOSE_S):
                    await bus._connection.close()

    @property
    def connection(self) -> Client:
        return self._connection

    @property
    def jetstream(self) -> JetStreamContext:
        """Return the context for requests; messages are published and pulled by our own loops."""
        return self._connection.jetstream(timeout=_ANSWER_S)

    @property
    def is_connected(self) -> bool:
        """Say whether the broker can be reached now: a part of readiness."""
        return self._connection.is_connected

    async def wait_connected(self) -> None:
        """Wait until the broker can be reached."""
        while not self.is_connected:  # noqa: ASYNC110 - the client has no event for the first one
            await asyncio.sleep(_LOOK_S)

    async def check_durability(self) -> None:
        """Raise BrokerNotDurable unless every server writes to disk before it acknowledges.

        Raises BrokerAway when that cannot be learned now.
        """
        async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False) as client:
            for url in self._monitor_urls:
                try:
                    response = await client.get(f"{url}/jsz", params={"config": "true"})
                    is_durable = response.raise_for_status().json()["config"].get("sync_always")
                except (httpx.HTTPError, ValueError, KeyError):
                    raise BrokerAway(url=url) from None
                if is_durable is not True:
                    raise BrokerNotDurable(url=url)

    async def ensure_stream(
        self, *, region: str, service: str, bytes_max: int = BYTES_MAX, replicas: int = 1
    ) -> None:
        """Create the service's own stream, or bring its settings to what they are here."""
        wanted: dict[str, Any] = {
            "name": stream_name(service),
            "subjects": [subject_tree(region=region, service=service) + ">"],
            "retention": jetstream.RetentionPolicy.LIMITS,
            "storage": jetstream.StorageType.FILE,
            # Full means that the relay waits: old messages are never dropped before their time.
            "discard": jetstream.DiscardPolicy.NEW,
            "max_bytes": bytes_max,
            "max_age": float(KEEP_S),
            "duplicate_window": float(DUPLICATES_S),
            "num_replicas": replicas,
        }
        try:
            info = await self.jetstream.stream_info(wanted["name"])
        except NotFoundError:
            await self.jetstream.add_stream(jetstream.StreamConfig(**wanted))
            _log.info("stream created", stream=wanted["name"])
            return
        if any(getattr(info.config, name) != value for name, value in wanted.items()):
            await self.jetstream.update_stream(info.config.evolve(**wanted))
            _log.info("stream changed", stream=wanted["name"])

    async def _connect(self) -> None:
        await self._connection.connect(
            self._url,
            name=self._name,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RECONNECT_S,  # type: ignore[arg-type]
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            pending_size=_PENDING_BYTES_MAX,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
            error_cb=self._on_error,
        )
        _log.info("broker connected")

    async def _on_disconnect(self) -> None:
        self.generation += 1
        _log.warning("broker connection lost")

    async def _on_reconnect(self) -> None:
        _log.info("broker connected again")

    async def _on_error(self, error: Exception) -> None:
        # Repeated at each attempt while the broker is away; the loss itself is logged above.
        if isinstance(error, nats.errors.SlowConsumerError):
            _log.warning("messages dropped by a slow reader")
        else:
            _log.debug("broker error", error=type(error).__name__)
