"""One effect for each change of the source, in order, whatever the broker does."""

import asyncio
import io
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from guantong.common.v1.event_pb2 import Change
from sqlalchemy import text

from chassis import db
from chassis.bus import Bus
from chassis.clock import SystemClock
from chassis.db import Database, Transaction
from chassis.dead_letters import DeadLetterBehindAnother, DeadLetters, DeadLetterSettled
from chassis.dead_letters_command import dead_letters_command
from chassis.effects import Effects, Handler, resource_of
from chassis.epoch import Head, raise_epoch, read_head
from chassis.errors import DomainError, Kind, NotYetKnown
from chassis.relay import PAGE, encode
from chassis.sequencer import Sequencer
from chassis.subscriber import Subscriber
from chassis.tasks import end
from deploy.local.nats import NatsServer
from tests.chassis.conftest import ENCODERS, Note, Suite, write
from tests.chassis.test_relay import bus_at, make_relay, published_up_to, publishing

_CREATE = db.compile(
    text("CREATE TABLE effect (n bigserial, name text, version bigint, said text)")
)
_EFFECT = db.compile(
    text("INSERT INTO effect (name, version, said) VALUES (:name, :version, :said)")
)
_EFFECTS = db.compile(text("SELECT name, version, said FROM effect ORDER BY n"))
_CURSOR = db.compile(text("SELECT position FROM subscription_cursor"))
_LETTERS = db.compile(text("SELECT state, position, failure FROM dead_letter ORDER BY id"))
_CHANGES = db.compile(text("SELECT event_type, actor, actor_organisation, traceparent FROM change"))


class NoteRefused(DomainError):
    kind = Kind.FAILED_PRECONDITION
    zh = "不接受"
    en = "Not accepted."


@dataclass
class DirectFeed:
    """The source's history read from its database, as its feed would give it."""

    database: Database
    source: str
    asked: list[int] = field(default_factory=list)

    async def head(self) -> Head:
        return await read_head(self.database)

    async def changes(self, *, epoch: str, after: int) -> Sequence[Change]:
        self.asked.append(after)
        rows = await self.database.fetch(PAGE, after=after)
        return [encode(row, source=self.source, epoch=epoch) for row in rows]


@dataclass
class Pair:
    """A source that publishes, and a service that follows it."""

    source: str
    bus: Bus
    there: Database
    here: Database
    feed: DirectFeed
    handlers: dict[str, Handler]

    @property
    def effects(self) -> Effects:
        return Effects(
            service="follower",
            source=self.source,
            handlers=self.handlers,
            encoders=ENCODERS,
            clock=SystemClock(),
        )

    @property
    def letters(self) -> DeadLetters:
        return DeadLetters(self.here, {self.source: self.effects})

    @asynccontextmanager
    async def following(
        self, *, check_s: float = 60, patience_s: float = 45, database: Database | None = None
    ) -> AsyncIterator[None]:
        subscriber = Subscriber(
            database or self.here,
            self.bus,
            self.effects,
            self.feed,
            check_s=check_s,
            patience_s=patience_s,
        )
        running = asyncio.create_task(subscriber.run())
        try:
            yield
            if running.done():
                running.result()
        finally:
            await end(running)

    async def publish(self, *notes: Note) -> None:
        await write(self.there, *notes)
        sequencer = Sequencer(self.there)
        await sequencer.number()
        head = await read_head(self.there)
        relay = make_relay(self.there, self.bus, sequencer, self.source)
        running = asyncio.create_task(relay.run())
        await published_up_to(self.there, head.position)
        await end(running)

    async def passed(self, position: int) -> None:
        async with asyncio.timeout(10):
            while (await self.here.fetch_value(_CURSOR) or 0) < position:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def effects_seen(self) -> list[tuple[str, int]]:
        return [(row["name"], row["version"]) for row in await self.here.fetch(_EFFECTS)]


async def keep(tx: Transaction, change: Change) -> None:
    """A handler that keeps what it hears, and refuses the word "refuse"."""
    said = resource_of(change, StringValue).value
    if said == "refuse":
        raise NoteRefused(name=change.resource_name)
    if said == "crash":
        raise ZeroDivisionError
    await tx.execute(_EFFECT, name=change.resource_name, version=change.version, said=said)


@pytest.fixture
async def pair(suite: Suite, nats_server: NatsServer) -> AsyncIterator[Pair]:
    async with make_pair(suite, nats_server) as made:
        yield made


@asynccontextmanager
async def make_pair(suite: Suite, server: NatsServer) -> AsyncIterator[Pair]:
    async with suite.database() as there, suite.database() as here, bus_at(server) as bus:
        await here.execute(_CREATE)
        source = suite.name()
        feed = DirectFeed(there, source)
        yield Pair(source, bus, there, here, feed, {"NoteWritten": keep})


def notes(count: int, *, start: int = 0) -> list[Note]:
    return [Note(f"notes/{n}") for n in range(start, start + count)]


def names(count: int) -> list[tuple[str, int]]:
    return [(f"notes/{n}", 1) for n in range(count)]


async def test_each_change_has_one_effect_in_order(pair: Pair) -> None:
    await pair.publish(*notes(500))
    async with pair.following():
        await pair.passed(500)
        await pair.publish(*notes(50, start=500))
        await pair.passed(550)
    assert await pair.effects_seen() == names(550)


async def test_once_followed_the_changes_come_by_the_broker_and_not_by_the_feed(
    pair: Pair,
) -> None:
    async with pair.following():
        await pair.publish(*notes(1))
        await pair.passed(1)
        asked = len(pair.feed.asked)
        await pair.publish(*notes(300, start=1))
        await pair.passed(301)
        assert len(pair.feed.asked) == asked


async def test_what_arrives_twice_or_in_another_order_has_one_effect(pair: Pair) -> None:
    await pair.publish(*notes(40))
    async with pair.following():
        await pair.passed(40)
        await write(pair.there, *notes(10, start=40))
        await Sequencer(pair.there).number()
        rows = await pair.there.fetch(PAGE, after=30)
        epoch = (await read_head(pair.there)).epoch
        for row in sorted(rows, key=lambda row: row["position"] * 7 % 20):
            change = encode(row, source=pair.source, epoch=epoch)
            for _ in range(2):
                await pair.bus.jetstream.publish(
                    f"guantong.suzhou.{pair.source}.NoteWritten", change.SerializeToString()
                )
        await pair.passed(50)
        await asyncio.sleep(0.2)
    assert await pair.effects_seen() == names(50)


async def test_a_hole_and_a_message_that_cannot_be_read_are_filled_from_the_feed(
    pair: Pair,
) -> None:
    async with pair.following():
        await pair.publish(*notes(1))
        await pair.passed(1)
        await pair.bus.jetstream.publish(f"guantong.suzhou.{pair.source}.X", b"\xff\xff")
        await write(pair.there, *notes(9, start=1))
        await Sequencer(pair.there).number()
        [*_, last] = await pair.there.fetch(PAGE, after=0)
        change = encode(last, source=pair.source, epoch=(await read_head(pair.there)).epoch)
        await pair.bus.jetstream.publish(
            f"guantong.suzhou.{pair.source}.NoteWritten", change.SerializeToString()
        )
        await pair.passed(10)
    assert await pair.effects_seen() == names(10)


async def test_when_the_broker_lost_its_store_everything_still_arrives(
    suite: Suite, own_nats: NatsServer, tmp_path: Path
) -> None:
    with own_nats:
        async with make_pair(suite, own_nats) as pair, pair.following(check_s=0.3):
            await pair.publish(*notes(20))
            await pair.passed(20)
            async with publishing(pair.there, pair.bus, pair.source):
                await write(pair.there, *notes(20, start=20))
                await published_up_to(pair.there, 40)
                own_nats.process.kill()
                shutil.rmtree(tmp_path / "nats" / "store")
                own_nats.process.start()
                await write(pair.there, *notes(10, start=40))
                await pair.passed(50)
                await published_up_to(pair.there, 50)
                # And by the broker again, through a consumer that was made anew.
                await asyncio.sleep(0.5)
                await write(pair.there, *notes(5, start=50))
                await pair.passed(55)
            assert await pair.effects_seen() == names(55)


async def test_a_tail_that_the_broker_never_had_is_found(pair: Pair) -> None:
    await pair.publish(*notes(2))
    async with pair.following(check_s=0.2):
        await pair.passed(2)
        await write(pair.there, *notes(3, start=2))
        await Sequencer(pair.there).number()
        await pair.passed(5)
    assert await pair.effects_seen() == names(5)


async def test_cursor_and_effects_move_together_over_restarts(pair: Pair) -> None:
    await pair.publish(*notes(400))
    for _ in range(6):
        async with pair.following():
            await asyncio.sleep(0.03)
    async with pair.following():
        await pair.passed(400)
    assert await pair.effects_seen() == names(400)


async def test_one_process_follows_and_another_takes_over(pair: Pair, suite: Suite) -> None:
    async with suite.reopen(suite.dsns[pair.here]) as other, pair.following(database=other):
        async with pair.following():
            await pair.publish(*notes(30))
            await pair.passed(30)
        await pair.publish(*notes(30, start=30))
        await pair.passed(60)
    assert await pair.effects_seen() == names(60)


async def test_a_refused_change_is_set_aside_later_ones_of_it_wait_and_the_rest_flows(
    pair: Pair,
) -> None:
    await pair.publish(
        Note("notes/a", text="refuse"),
        Note("notes/b"),
        Note("notes/a", version=2),
        Note("notes/c", text="crash"),
        Note("notes/d"),
    )
    async with pair.following():
        await pair.passed(5)
        await pair.publish(Note("notes/a", version=3))
        await pair.passed(6)
    assert await pair.effects_seen() == [("notes/b", 1), ("notes/d", 1)]
    letters = [tuple(row.values()) for row in await pair.here.fetch(_LETTERS)]
    assert letters == [
        ("FAILED", 1, "NOTE_REFUSED name=notes/a"),
        ("PARKED", 3, ""),
        ("FAILED", 4, "DEFECT ZeroDivisionError"),
        ("PARKED", 6, ""),
    ]


async def _set_aside(pair: Pair) -> list[int]:
    await pair.publish(Note("notes/a", text="refuse"), Note("notes/a", version=2))
    async with pair.following():
        await pair.passed(2)
    return [row["id"] for row in await pair.letters.list_open()]


async def lenient(tx: Transaction, change: Change) -> None:
    tx.note([Note(f"copies/{change.version}")])
    await tx.execute(_EFFECT, name=change.resource_name, version=change.version, said="")


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(pair: Pair) -> None:
    [failed, _] = await _set_aside(pair)
    outcome = await pair.letters.dry_run(failed)
    assert outcome.failure == "NOTE_REFUSED name=notes/a"
    pair.handlers["NoteWritten"] = lenient
    outcome = await pair.letters.dry_run(failed)
    assert (outcome.failure, outcome.events) == ("", ("NoteWritten",))
    assert await pair.effects_seen() == []
    assert [row["state"] for row in await pair.here.fetch(_LETTERS)] == ["FAILED", "PARKED"]


async def test_a_replay_applies_a_change_and_then_those_behind_it(pair: Pair) -> None:
    [failed, parked] = await _set_aside(pair)
    with pytest.raises(DeadLetterBehindAnother):
        await pair.letters.replay(parked, by="operator", reason="too early")
    [again] = await pair.letters.replay(failed, by="operator", reason="hoping")
    assert again.failure == "NOTE_REFUSED name=notes/a"
    pair.handlers["NoteWritten"] = lenient
    outcomes = await pair.letters.replay(failed, by="operator", reason="rule mended")
    assert [each.position for each in outcomes] == [1, 2]
    assert await pair.effects_seen() == [("notes/a", 1), ("notes/a", 2)]
    with pytest.raises(DeadLetterSettled):
        await pair.letters.replay(failed, by="operator", reason="again")
    # And what comes next flows.
    async with pair.following():
        await pair.publish(Note("notes/a", version=3))
        await pair.passed(3)
    assert (await pair.effects_seen())[-1] == ("notes/a", 3)
    letter = await pair.letters.get(failed)
    assert (letter["state"], letter["settled_by"]) == ("REPLAYED", "operator")
    assert letter["settle_reason"] == "rule mended"


async def test_a_dismissed_change_leaves_the_one_behind_it_to_be_settled(pair: Pair) -> None:
    [failed, parked] = await _set_aside(pair)
    assert await pair.letters.dismiss(failed, by="operator", reason="a test record") == parked
    assert await pair.letters.replay(parked, by="operator", reason="follows")
    assert await pair.effects_seen() == [("notes/a", 2)]
    assert await pair.letters.list_open() == []


def _stubborn(times: int) -> Handler:
    left = [times]

    async def handler(tx: Transaction, change: Change) -> None:
        if left[0]:
            left[0] -= 1
            raise NotYetKnown(name="somebody")
        await keep(tx, change)

    return handler


async def test_a_fact_that_is_not_yet_known_is_waited_for_at_the_same_position(
    pair: Pair,
) -> None:
    pair.handlers["NoteWritten"] = _stubborn(4)
    await pair.publish(*notes(3))
    async with pair.following():
        await pair.passed(3)
    assert await pair.effects_seen() == names(3)
    assert await pair.here.fetch(_LETTERS) == []


async def test_a_fact_that_never_comes_does_not_stop_the_rest(pair: Pair) -> None:
    pair.handlers["NoteWritten"] = _stubborn(10**9)
    await pair.publish(Note("notes/0"))
    pair.handlers["OtherWritten"] = keep
    await pair.publish(Note("notes/1", event="OtherWritten"))
    async with pair.following(patience_s=0.3):
        await pair.passed(2)
    assert await pair.effects_seen() == [("notes/1", 1)]
    [letter] = await pair.here.fetch(_LETTERS)
    assert letter["failure"] == "NOT_YET_KNOWN name=somebody"


async def test_a_lock_that_is_held_for_long_is_waited_for_and_sets_nothing_aside(
    pair: Pair,
) -> None:
    held_until_s = asyncio.get_running_loop().time() + 1.0

    async def handler(tx: Transaction, change: Change) -> None:
        if asyncio.get_running_loop().time() < held_until_s:
            raise asyncpg.LockNotAvailableError
        await keep(tx, change)

    pair.handlers["NoteWritten"] = handler
    await pair.publish(*notes(3))
    async with pair.following(patience_s=0.1):
        await pair.passed(3)
    assert await pair.effects_seen() == names(3)
    assert await pair.here.fetch(_LETTERS) == []


async def test_what_a_handler_writes_is_recorded_for_the_system_and_the_original_organisation(
    pair: Pair,
) -> None:
    pair.handlers["NoteWritten"] = lenient
    await pair.publish(Note("notes/a"), Note("notes/a", version=2))
    async with pair.following():
        await pair.passed(2)
    rows = await pair.here.fetch(_CHANGES)
    assert len(rows) == 2
    assert {row["actor"] for row in rows} == {"system:follower"}
    assert {row["actor_organisation"] for row in rows} == {"alpha"}
    assert {row["traceparent"] for row in rows} == {"00-" + "1" * 32 + "-" + "2" * 16 + "-01"}


async def test_a_new_epoch_of_the_source_is_read_from_its_beginning(pair: Pair) -> None:
    seen: dict[str, int] = {}

    async def guarded(tx: Transaction, change: Change) -> None:
        if change.version > seen.get(change.resource_name, 0):
            await keep(tx, change)
            seen[change.resource_name] = change.version

    pair.handlers["NoteWritten"] = guarded
    await pair.publish(*notes(5))
    async with pair.following(check_s=0.3):
        await pair.passed(5)
        head = await raise_epoch(pair.there)
        await pair.publish(*notes(2, start=5))
        await pair.passed(7)
        row = await pair.here.fetch_one(db.compile(text("SELECT epoch FROM subscription_cursor")))
        assert row is not None
        assert row["epoch"] == head.epoch
    assert await pair.effects_seen() == names(7)


async def test_dead_letters_are_settled_from_the_command_line(pair: Pair) -> None:
    [failed, parked] = await _set_aside(pair)

    async def command(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        status = await dead_letters_command([str(word) for word in words], pair.letters, out)
        return status, out.getvalue()

    status, text_of_list = await command("list")
    assert status == 0
    assert "NOTE_REFUSED" in text_of_list
    assert len(text_of_list.splitlines()) == 2
    assert '"event_type": "NoteWritten"' in (await command("show", str(failed)))[1]
    status, said = await command("replay", str(failed), "--dry-run")
    assert (status, "would be refused" in said) == (1, True)
    status, said = await command("dismiss", str(failed), "--reason", "a test record")
    assert f"{parked} waits behind it" in said
    status, said = await command("replay", str(parked), "--reason", "follows")
    assert (status, "applied" in said) == (0, True)
    assert (await command("list"))[1] == ""
