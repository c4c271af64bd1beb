"""Follows another service's history: every change once, in order, whatever the broker does.

The cursor (source, epoch, position) moves in the transaction of the effects. At or before it:
a duplicate. The next: applied. Beyond: a hole, read from the source's feed, which is also asked
from time to time whether the broker has kept something back. A new epoch of the source is read
from its beginning; the versions of the copies keep effects from being repeated. This module must
not know what a change means (effects).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import nats.js.api as jetstream
from google.protobuf.message import DecodeError
from guantong.common.v1.event_pb2 import Change
from nats.aio.msg import Msg
from prometheus_client import Counter, Gauge
from sqlalchemy import BigInteger, Text, bindparam, update
from sqlalchemy.dialects.postgresql import insert

from chassis import db, dead_letters
from chassis.bus import Bus, stream_name
from chassis.db import Transaction
from chassis.effects import Effects
from chassis.epoch import Head
from chassis.errors import CursorExpired, DomainError
from chassis.leadership import lead
from chassis.logs import get_logger
from chassis.pulling import Puller, hand_back
from chassis.tables import subscription_cursor
from chassis.tasks import end
from chassis.temporary import Backoff, describe, frames, is_outage, is_temporary

T = TypeVar("T")

BATCH_MAX: Final = 200
DEFECT_TRIES: Final = 3
# A refusal that says "later" for longer than this is set aside, and the rest flows.
PATIENCE_S: Final = 45.0
_ACK_WAIT_S = 30.0
_FIRST_LOOK_S = 1.0

_log = get_logger(__name__)
_behind = Gauge("guantong_subscriber_behind", "Changes not yet applied", ["service", "source"])
_applied = Counter("guantong_subscriber_applied", "Changes passed", ["service", "source"])
_set_aside = Counter("guantong_subscriber_set_aside", "Dead letters", ["service", "source"])


class SourceFeed(Protocol):
    """The source's own history, read over its changes service."""

    async def head(self) -> Head:
        """Return the end of the history."""
        ...

    async def changes(self, *, epoch: str, after: int) -> Sequence[Change]:
        """Return the next changes after a position; raises CursorExpired for another epoch."""
        ...


class CursorMoved(Exception):
    """Another process moved the cursor: this one has lost the lock and starts over."""


class FeedBehind(OSError):
    """The feed does not hold what the broker delivered; it may be starting up: ask again."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a source was followed; the epoch is empty before the first change."""

    epoch: str
    position: int


_SOURCE = bindparam("source", type_=Text)
_BEGIN = db.compile(
    insert(subscription_cursor)
    .values(source=_SOURCE, epoch=bindparam("epoch", type_=Text), position=0)
    .on_conflict_do_nothing()
)
_MOVE = db.compile(
    update(subscription_cursor)
    .where(subscription_cursor.c.source == _SOURCE)
    .values(epoch=bindparam("epoch", type_=Text), position=bindparam("position", type_=BigInteger))
)


class Subscriber:
    """Follows one source; one process of the service at a time."""

    def __init__(
        self,
        database: db.Database,
        bus: Bus,
        effects: Effects,
        feed: SourceFeed,
        *,
        check_s: float = 5.0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Look every `check_s` whether the source has more than the broker delivered."""
        self._database = database
        self._bus = bus
        self._effects = effects
        self._feed = feed
        self._check_s = check_s
        self._patience_s = patience_s
        self._source = effects.source
        self._cursor = Cursor("", 0)
        self._stale: set[str] = set()
        self._received = 0
        # The broker's messages and the look-out take turns.
        self._turn = asyncio.Lock()
        labels = (effects.service, effects.source)
        self._behind = _behind.labels(*labels)
        self._applied = _applied.labels(*labels)
        self._set_aside = _set_aside.labels(*labels)

    async def run(self) -> None:
        """Follow the source until cancelled, in whichever process leads."""
        while True:
            try:
                await lead(self._database, f"subscriber:{self._source}", self._follow)
            except CursorMoved:
                _log.warning("cursor moved elsewhere", source=self._source)
                await asyncio.sleep(_FIRST_LOOK_S)

    async def _follow(self) -> None:
        self._cursor = await self._load()
        parts = (self._follow_broker, self._look_out)
        tasks = [asyncio.create_task(self._persist(part)) for part in parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await end(*tasks)

    async def _load(self) -> Cursor:
        async def work(tx: Transaction) -> Cursor:
            await tx.execute(_BEGIN, source=self._source, epoch="")
            row = await tx.fetch_one(dead_letters.LOCK_CURSOR, source=self._source)
            return Cursor(row["epoch"], row["position"]) if row else Cursor("", 0)

        return await self._database.transact(work)

    async def _persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something again after each failure that passes by itself."""
        backoff = Backoff()
        while True:
            started_s = time.monotonic()
            try:
                return await work()
            except Exception as error:
                if not is_temporary(error):
                    raise
                if time.monotonic() - started_s > self._check_s:
                    backoff.reset()
                _log.info("following waits", source=self._source, error=describe(error))
                await asyncio.sleep(backoff.next_s())

    # What the broker delivers.

    async def _follow_broker(self) -> None:
        await self._bus.wait_connected()
        stream, durable = stream_name(self._source), self._effects.service
        await self._bus.jetstream.add_consumer(
            stream,
            jetstream.ConsumerConfig(
                durable_name=durable,
                ack_policy=jetstream.AckPolicy.EXPLICIT,
                ack_wait=_ACK_WAIT_S,
                max_ack_pending=5 * BATCH_MAX,
            ),
        )
        async with Puller.open(self._bus, stream=stream, durable=durable, size=BATCH_MAX) as puller:
            while True:
                messages = await puller.next_batch(within_s=self._check_s)
                try:
                    await self._take(messages)
                except BaseException:
                    await hand_back(messages)
                    raise
                # After the commit: what is not acknowledged comes again, as a duplicate.
                for message in messages:
                    await message.ack()

    async def _take(self, messages: Sequence[Msg]) -> None:
        self._received += len(messages)
        arrived = [change for message in messages if (change := _decode(message))]
        async with self._turn:
            for epoch in {change.epoch for change in arrived}:
                await self._judge(epoch)
            known = {each.position: each for each in arrived if each.epoch == self._cursor.epoch}
            while later := sorted(each for each in known if each > self._cursor.position):
                if later[0] > self._cursor.position + 1:
                    # A page of the feed may reach beyond the hole.
                    await self._fill(later[0] - 1)
                    continue
                run = [
                    position for index, position in enumerate(later) if position == later[0] + index
                ]
                await self._apply([known[position] for position in run])

    async def _judge(self, epoch: str) -> None:
        """Begin again when an epoch is the source's new one; a former one's messages are void."""
        if epoch == self._cursor.epoch or epoch in self._stale:
            return
        head = await self._feed.head()
        if head.epoch == epoch:
            await self._begin(epoch)
        else:
            self._stale.add(epoch)

    async def _begin(self, epoch: str) -> None:
        async def work(tx: Transaction) -> None:
            await self._lock(tx)
            await tx.execute(_MOVE, source=self._source, epoch=epoch, position=0)

        await self._database.transact(work)
        _log.info("following a new epoch", source=self._source, epoch=epoch)
        self._stale.add(self._cursor.epoch)
        self._cursor = Cursor(epoch, 0)

    # What the source's feed holds.

    async def _look_out(self) -> None:
        """Find what the broker never delivered: nothing came, and yet the source is ahead."""
        expected, received, pause_s = 0, 0, _FIRST_LOOK_S
        while True:
            head = await self._feed.head()
            async with self._turn:
                if head.epoch != self._cursor.epoch:
                    await self._begin(head.epoch)
                    await self._fill(head.position)
                elif head.position < self._cursor.position:
                    _log.error("the source lost history and kept its epoch", source=self._source)
                elif received == self._received and expected > self._cursor.position:
                    await self._fill(expected)
                self._behind.set(head.position - self._cursor.position)
                expected, received = head.position, self._received
            await asyncio.sleep(min(pause_s, self._check_s))
            pause_s = self._check_s

    async def _fill(self, until: int) -> None:
        """Apply everything up to a position from the source's feed."""
        while self._cursor.position < until:
            epoch, after = self._cursor.epoch, self._cursor.position
            try:
                page = await self._feed.changes(epoch=epoch, after=after)
            except CursorExpired:
                # The look-out, or the next message, tells the new epoch.
                raise FeedBehind(epoch) from None
            if [each.position for each in page] != list(range(after + 1, after + 1 + len(page))):
                raise FeedBehind("positions do not follow each other")
            if not page:
                raise FeedBehind(epoch)
            for start in range(0, len(page), BATCH_MAX):
                await self._apply(page[start : start + BATCH_MAX])

    # The effects, and the cursor with them.

    async def _apply(self, arrived: Sequence[Change]) -> None:
        """Apply changes that follow the cursor; afterwards it stands behind them."""
        try:
            await self._commit(arrived)
        except CursorMoved:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            # One of them fails: the others must not wait for it.
            for change in arrived:
                await self._apply_one(change)
        self._applied.inc(len(arrived))

    async def _apply_one(self, change: Change) -> None:
        backoff, started_s, tries = Backoff(), time.monotonic(), 0
        while True:
            try:
                return await self._commit([change])
            except CursorMoved:
                raise
            except Exception as error:
                if is_outage(error):
                    raise
                tries += 1
                if not self._is_worth_a_try(error, tries, time.monotonic() - started_s):
                    return await self._put_aside(change, error)
            await asyncio.sleep(backoff.next_s())

    def _is_worth_a_try(self, error: Exception, tries: int, waited_s: float) -> bool:
        if isinstance(error, DomainError | DecodeError):
            return is_temporary(error) and waited_s < self._patience_s
        if tries == 1:
            _log.error(
                "handler failed by a fault of ours",
                source=self._source,
                error=type(error).__name__,
                frames=frames(error),
            )
        return tries < DEFECT_TRIES

    async def _commit(self, arrived: Sequence[Change]) -> None:
        """Effects and cursor in one transaction; what waits behind a dead letter is parked."""
        effects, source = self._effects, self._source
        concerned = [change for change in arrived if effects.concern(change)]
        last = Cursor(arrived[-1].epoch, arrived[-1].position)
        expected = self._cursor.position + 1
        if [each.position for each in arrived] != list(range(expected, expected + len(arrived))):
            raise RuntimeError("changes that do not follow the cursor")

        async def work(tx: Transaction) -> None:
            await self._lock(tx)
            names = {change.resource_name for change in concerned}
            behind = await dead_letters.waiting(tx, source=source, names=names) if names else set()
            await effects.apply(
                tx, [each for each in concerned if each.resource_name not in behind]
            )
            for change in concerned:
                if change.resource_name in behind:
                    await dead_letters.put(
                        tx, change, source=source, state=dead_letters.PARKED, failure=""
                    )
            await tx.execute(_MOVE, source=source, epoch=last.epoch, position=last.position)

        await self._database.transact(work)
        self._cursor = last

    async def _put_aside(self, change: Change, error: Exception) -> None:
        """Keep a change as a dead letter and move on, in one transaction."""
        failure = dead_letters.failure_of(error)

        async def work(tx: Transaction) -> None:
            await self._lock(tx)
            await dead_letters.put(
                tx, change, source=self._source, state=dead_letters.FAILED, failure=failure
            )
            await tx.execute(
                _MOVE, source=self._source, epoch=change.epoch, position=change.position
            )

        await self._database.transact(work)
        self._cursor = Cursor(change.epoch, change.position)
        self._set_aside.inc()
        _log.error(
            "change set aside",
            source=self._source,
            event_type=change.event_type,
            position=change.position,
            failure=failure,
        )

    async def _lock(self, tx: Transaction) -> None:
        row = await tx.fetch_one(dead_letters.LOCK_CURSOR, source=self._source)
        if row is None or Cursor(row["epoch"], row["position"]) != self._cursor:
            raise CursorMoved


def _decode(message: Msg) -> Change | None:
    """Return the change in a message; what cannot be read is found as a hole later."""
    try:
        return Change.FromString(message.data)
    except DecodeError:
        _log.warning("message is no change", subject=message.subject)
        return None
