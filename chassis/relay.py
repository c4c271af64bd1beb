"""Publishes numbered changes to the broker in the order of their positions.

How far it came is one mark, moved in batches; no row is written per message. Whatever goes
wrong, it begins again at the mark with the same message ids. This module must not number
changes (sequencer) and must not change their bytes: subscribers and readers compare digests.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.timestamp_pb2 import Timestamp
from guantong.common.v1.event_pb2 import Change
from nats.js.errors import NotFoundError
from prometheus_client import Counter, Gauge
from sqlalchemy import BigInteger, bindparam, select, update

from chassis import db
from chassis.bus import BYTES_MAX, Bus, stream_name, subject_tree
from chassis.epoch import Head, read_head
from chassis.errors import DomainError, Kind
from chassis.leadership import RELAY, lead
from chassis.logs import get_logger
from chassis.publishing import Outgoing, PublishWindow
from chassis.sequencer import Sequencer
from chassis.tables import change, change_position, head, published
from chassis.tasks import end, happens
from chassis.temporary import Backoff, describe, is_temporary

MESSAGE_ID: Final = "Nats-Msg-Id"
POSITION: Final = "Guantong-Position"
EPOCH: Final = "Guantong-Epoch"
PAGE_MAX: Final = 256
# How far back the newest message is looked for: the last ones may be stored out of order.
_LOOK_BACK = 256
_IDLE_S = 0.05
_TYPE_URL = "type.googleapis.com/"

_log = get_logger(__name__)
_backlog = Gauge("guantong_relay_backlog", "Changes numbered and not yet published", ["service"])
_lag = Gauge("guantong_relay_lag_seconds", "Age of the oldest change being published", ["service"])
_published = Counter("guantong_relay_published", "Changes published", ["service"])


class HistoryBehind(DomainError):
    """The broker has seen a later or another history of this service than the database holds."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "数据库中 {service} 的变更历史（位置 {position}）与消息服务器已收到的（位置 {seen}）不符，"
        "可能刚从备份恢复。请确认后执行 `python -m services.{service} new-epoch`，再启动服务。"
    )
    en = (
        "The history of {service} in the database (position {position}) does not contain what "
        "the message broker has already seen of it (position {seen}): the database was probably "
        "restored. If that is right, run `python -m services.{service} new-epoch`, then start "
        "the service."
    )


COLUMNS: Final = (
    change_position.c.position,
    change.c.event_id,
    change.c.event_type,
    change.c.resource_name,
    change.c.version,
    change.c.message_type,
    change.c.resource,
    change.c.resource_sha256,
    change.c.audience,
    change.c.actor,
    change.c.actor_organisation,
    change.c.business_time,
    change.c.record_time,
    change.c.traceparent,
)
PAGE: Final = db.compile(
    select(*COLUMNS)
    .join(change, change.c.id == change_position.c.change_id)
    .where(change_position.c.position > bindparam("after", type_=BigInteger))
    .order_by(change_position.c.position)
    .limit(PAGE_MAX)
)
_MARK = db.compile(select(published.c.position))
# Never back: a holder that lost its lock unnoticed may still be writing.
_MOVE = db.compile(
    update(published)
    .values(position=bindparam("to", type_=BigInteger))
    .where(published.c.position < bindparam("to", type_=BigInteger))
)
_HEAD_POSITION = db.compile(select(head.c.position))
_EVENT_ID = db.compile(
    select(change.c.event_id)
    .join(change_position, change_position.c.change_id == change.c.id)
    .where(change_position.c.position == bindparam("position", type_=BigInteger))
)


def encode(row: db.Row, *, source: str, epoch: str) -> Change:
    """Return a change row as the message that the bus and the feed carry; bytes stay as stored."""
    return Change(
        event_id=str(row["event_id"]),
        source=source,
        epoch=epoch,
        position=row["position"],
        event_type=row["event_type"],
        resource_name=row["resource_name"],
        version=row["version"],
        resource=AnyMessage(type_url=_TYPE_URL + row["message_type"], value=row["resource"]),
        resource_sha256=row["resource_sha256"],
        actor_organisation=row["actor_organisation"],
        actor=row["actor"],
        business_time=_timestamp(row["business_time"]),
        record_time=_timestamp(row["record_time"]),
        traceparent=row["traceparent"],
    )


class Relay:
    """Publishes the history of one service."""

    def __init__(
        self,
        database: db.Database,
        bus: Bus,
        sequencer: Sequencer,
        *,
        region: str,
        service: str,
        stream_bytes_max: int = BYTES_MAX,
    ) -> None:
        """Be woken by the sequencer of this process."""
        self._stream_bytes_max = stream_bytes_max
        self._database = database
        self._bus = bus
        self._region = region
        self._service = service
        self._stream = stream_name(service)
        self._subjects = subject_tree(region=region, service=service)
        self._wake = asyncio.Event()
        self._backlog = _backlog.labels(service)
        self._lag = _lag.labels(service)
        self._published = _published.labels(service)
        sequencer.on_advance(lambda _: self._wake.set())

    async def check_history(self) -> None:
        """Raise HistoryBehind when the broker has seen what the database does not hold."""
        present = await read_head(self._database)
        seen = await self._newest(present)
        if seen is None:
            return
        position, event_id = seen
        # A head beyond it proves nothing: positions may have been used again since.
        if str(await self._database.fetch_value(_EVENT_ID, position=position)) != event_id:
            raise HistoryBehind(
                service=self._service, position=str(present.position), seen=str(position)
            )

    async def check_at_start(self, *, within_s: float = 2.0) -> None:
        """Raise HistoryBehind before anything is numbered, unless the broker is away."""
        try:
            async with asyncio.timeout(within_s):
                await self._bus.wait_connected()
                await self.check_history()
        except Exception as error:
            if not is_temporary(error):
                raise
            _log.warning("history not compared, the broker is away", error=describe(error))

    async def run(self) -> None:
        """Publish until cancelled; waits for a broker that is away, with bounded growing delay.

        Raises BrokerNotDurable and HistoryBehind: then a person has to act.
        """
        backoff = Backoff()
        while True:
            started_s = time.monotonic()
            try:
                await self._publish()
            except Exception as error:
                if not is_temporary(error):
                    raise
                if time.monotonic() - started_s > 1:
                    backoff.reset()
                delay_s = backoff.next_s()
                _log.warning(
                    "publishing interrupted", error=describe(error), retry_s=round(delay_s, 2)
                )
                await asyncio.sleep(delay_s)

    async def _publish(self) -> None:
        await self._bus.wait_connected()
        await self._bus.check_durability()
        await self._bus.ensure_stream(
            region=self._region, service=self._service, bytes_max=self._stream_bytes_max
        )
        await self.check_history()
        epoch = (await read_head(self._database)).epoch
        mark = await self._database.fetch_value(_MARK)
        async with PublishWindow.open(self._bus, after=mark) as window:
            try:
                await self._follow(window, epoch)
            finally:
                await self._save(window.mark)

    async def _follow(self, window: PublishWindow, epoch: str) -> None:
        """Send page after page, reading the next while one is sent."""
        saved = after = window.mark
        reading = asyncio.create_task(self._read(after))
        try:
            while True:
                self._wake.clear()
                page = await reading
                if page:
                    after = page[-1]["position"]
                reading = asyncio.create_task(self._read(after)) if page else reading
                await self._send(window, page, epoch)
                if window.mark > saved:
                    saved = await self._save(window.mark)
                if not page:
                    await self._rest(window)
                    reading = asyncio.create_task(self._read(after))
        finally:
            await end(reading)

    async def _send(self, window: PublishWindow, page: Sequence[db.Row], epoch: str) -> None:
        if page:
            self._lag.set((datetime.now(UTC) - page[0]["record_time"]).total_seconds())
        for row in page:
            message = encode(row, source=self._service, epoch=epoch)
            await window.send(
                Outgoing(
                    position=row["position"],
                    subject=self._subjects + row["event_type"],
                    payload=message.SerializeToString(),
                    headers={
                        MESSAGE_ID: message.event_id,
                        POSITION: str(row["position"]),
                        EPOCH: epoch,
                        "traceparent": row["traceparent"],
                    },
                )
            )

    async def _rest(self, window: PublishWindow) -> None:
        """Wait for more to publish, or for acknowledgements to write down."""
        if window.in_flight:
            await window.wait(within_s=_IDLE_S)
            return
        self._lag.set(0)
        await happens(self._wake, within_s=_IDLE_S)
        await window.wait(within_s=0)

    async def _read(self, after: int) -> Sequence[db.Row]:
        return await self._database.fetch(PAGE, after=after)

    async def _save(self, mark: int) -> int:
        if await self._database.execute(_MOVE, to=mark):
            head_position = await self._database.fetch_value(_HEAD_POSITION)
            self._backlog.set(head_position - mark)
        return mark

    async def _newest(self, present: Head) -> tuple[int, str] | None:
        """Return the last position of this epoch that the stream holds, and its event."""
        try:
            state = (await self._bus.jetstream.stream_info(self._stream)).state
        except NotFoundError:
            return None
        newest: tuple[int, str] | None = None
        first = max(state.first_seq, state.last_seq - _LOOK_BACK + 1)
        for sequence in range(state.last_seq, max(first, 1) - 1, -1):
            try:
                message = await self._bus.jetstream.get_msg(self._stream, sequence)
            except NotFoundError:
                continue
            headers = message.headers or {}
            if headers.get(EPOCH) == present.epoch:
                found = (int(headers[POSITION]), headers[MESSAGE_ID])
                newest = max(newest, found) if newest else found
        return newest


async def number_and_publish(database: db.Database, sequencer: Sequencer, relay: Relay) -> None:
    """Number and publish in whichever process of the service leads, until cancelled."""

    async def work() -> None:
        await relay.check_at_start()
        tasks = [asyncio.create_task(sequencer.run()), asyncio.create_task(relay.run())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await end(*tasks)

    await lead(database, RELAY, work)


def _timestamp(instant: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp
