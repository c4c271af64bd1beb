"""What is numbered is published: in order, once, through every outage, in one epoch."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from guantong.common.v1.event_pb2 import Change
from sqlalchemy import text

from chassis import db
from chassis.bus import BrokerAway, BrokerNotDurable, Bus, stream_name
from chassis.db import Database
from chassis.epoch import raise_epoch, read_head
from chassis.relay import HistoryBehind, Relay, number_and_publish
from chassis.sequencer import Sequencer
from chassis.tasks import end
from deploy.local import nats as local_nats
from deploy.local.nats import NatsServer
from tests.chassis.conftest import Note, Suite, until, write

MEBIBYTE = 1024 * 1024
_MARK = db.compile(text("SELECT position FROM published"))
_FORGET = db.compile(text("UPDATE published SET position = 0"))


@asynccontextmanager
async def bus_at(server: NatsServer) -> AsyncIterator[Bus]:
    async with Bus.open(url=server.url, monitor_urls=server.monitor_url, name="test") as bus:
        await bus.wait_connected()
        yield bus


def make_relay(database: Database, bus: Bus, sequencer: Sequencer, service: str) -> Relay:
    return Relay(
        database, bus, sequencer, region="suzhou", service=service, stream_bytes_max=MEBIBYTE
    )


@asynccontextmanager
async def publishing(database: Database, bus: Bus, service: str) -> AsyncIterator[None]:
    sequencer = Sequencer(database)
    relay = Relay(
        database, bus, sequencer, region="suzhou", service=service, stream_bytes_max=MEBIBYTE
    )
    running = asyncio.create_task(number_and_publish(database, sequencer, relay))
    try:
        yield
        if running.done():
            running.result()
    finally:
        await end(running)


async def stored(bus: Bus, service: str) -> list[Change]:
    stream = stream_name(service)
    state = (await bus.jetstream.stream_info(stream)).state
    return [
        Change.FromString((await bus.jetstream.get_msg(stream, sequence)).data or b"")
        for sequence in range(1, state.last_seq + 1)
    ]


async def published_up_to(database: Database, position: int) -> None:
    async with asyncio.timeout(15):
        while await database.fetch_value(_MARK) < position:  # noqa: ASYNC110 - as until
            await asyncio.sleep(0.02)


async def test_changes_are_published_in_order_with_their_bytes_and_headers(
    suite: Suite, database: Database, nats_server: NatsServer
) -> None:
    service = suite.name()
    async with bus_at(nats_server) as bus, publishing(database, bus, service):
        for n in range(1, 31):
            await write(database, Note("notes/1", text=str(n), version=n), Note(f"notes/x{n}"))
        await published_up_to(database, 60)
        changes = await stored(bus, service)
        head = await read_head(database)
        assert [each.position for each in changes] == list(range(1, 61))
        assert {each.epoch for each in changes} == {head.epoch}
        first = changes[0]
        assert (first.source, first.event_type, first.version) == (service, "NoteWritten", 1)
        assert first.resource.type_url == "type.googleapis.com/google.protobuf.StringValue"
        assert first.resource.value == StringValue(value="1").SerializeToString()
        message = await bus.jetstream.get_msg(stream_name(service), 1)
        assert message.subject == f"guantong.suzhou.{service}.NoteWritten"
        assert message.headers is not None
        assert message.headers["Nats-Msg-Id"] == first.event_id
        assert message.headers["Guantong-Position"] == "1"
        assert message.headers["traceparent"] == first.traceparent


async def test_a_lost_mark_publishes_again_and_the_broker_keeps_one_of_each(
    suite: Suite, database: Database, nats_server: NatsServer
) -> None:
    service = suite.name()
    async with bus_at(nats_server) as bus:
        await write(database, *(Note(f"notes/{n}") for n in range(300)))
        async with publishing(database, bus, service):
            await published_up_to(database, 300)
        await database.execute(_FORGET)
        async with publishing(database, bus, service):
            await published_up_to(database, 300)
        assert [each.position for each in await stored(bus, service)] == list(range(1, 301))


async def test_nothing_is_lost_while_the_broker_is_killed_and_comes_back(
    suite: Suite, database: Database, own_nats: NatsServer
) -> None:
    service = suite.name()
    with own_nats:
        async with bus_at(own_nats) as bus, publishing(database, bus, service):
            for n in range(600):
                await write(database, Note(f"notes/{n}"))
                if n == 200:
                    own_nats.process.kill()
                if n == 400:
                    own_nats.process.start()
            await published_up_to(database, 600)
            positions = [each.position for each in await stored(bus, service)]
            assert sorted(set(positions)) == list(range(1, 601))


async def test_when_the_broker_lost_its_store_publishing_goes_on_in_a_new_stream(
    suite: Suite, database: Database, own_nats: NatsServer, tmp_path: Path
) -> None:
    service = suite.name()
    with own_nats:
        async with bus_at(own_nats) as bus, publishing(database, bus, service):
            await write(database, Note("notes/1"))
            await published_up_to(database, 1)
            own_nats.process.kill()
            shutil.rmtree(tmp_path / "nats" / "store")
            own_nats.process.start()
            await write(database, Note("notes/2"))
            await published_up_to(database, 2)
            assert 2 in [each.position for each in await stored(bus, service)]


async def test_a_restored_database_is_refused_until_its_epoch_is_raised(
    suite: Suite, nats_server: NatsServer
) -> None:
    service = suite.name()
    async with bus_at(nats_server) as bus, suite.database() as lost, suite.database() as restored:
        await write(lost, Note("notes/1"), Note("notes/2"))
        async with publishing(lost, bus, service):
            await published_up_to(lost, 2)
        # The head is not behind, and yet it is another history.
        await write(restored, Note("notes/1"), Note("notes/2"), Note("notes/3"))
        sequencer = Sequencer(restored)
        relay = Relay(
            restored, bus, sequencer, region="suzhou", service=service, stream_bytes_max=MEBIBYTE
        )
        with pytest.raises(HistoryBehind, match="seen=2") as refused:
            await number_and_publish(restored, sequencer, relay)
        assert f"python -m services.{service} new-epoch" in refused.value.message("en")
        assert (await read_head(restored)).position == 0
        await raise_epoch(restored)
        async with publishing(restored, bus, service):
            await published_up_to(restored, 3)


async def test_a_broker_that_may_lose_acknowledged_messages_is_refused(
    own_nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = local_nats.CONFIGURATION.replace("sync_interval: always", "sync_interval: 30s")
    monkeypatch.setattr(local_nats, "CONFIGURATION", careless)
    bus = Bus(url=own_nats.url, monitor_urls=own_nats.monitor_url, name="test")
    with pytest.raises(BrokerAway):
        await bus.check_durability()
    with own_nats, pytest.raises(BrokerNotDurable) as refused:
        await bus.check_durability()
    assert "sync_interval: always" in refused.value.message("zh")


async def test_a_service_starts_and_numbers_while_the_broker_is_away(
    suite: Suite, database: Database, own_nats: NatsServer
) -> None:
    service = suite.name()
    async with (
        Bus.open(url=own_nats.url, monitor_urls=own_nats.monitor_url, name="test") as bus,
        publishing(database, bus, service),
    ):
        assert not bus.is_connected
        await write(database, Note("notes/1"))
        await asyncio.sleep(2.5)
        assert (await read_head(database)).position == 1
        with own_nats:
            await until(lambda: bus.is_connected)
            await published_up_to(database, 1)


async def test_only_one_process_of_a_service_publishes_and_another_takes_over(
    suite: Suite, database: Database, nats_server: NatsServer
) -> None:
    service = suite.name()
    async with bus_at(nats_server) as bus, suite.reopen(suite.dsns[database]) as other:
        async with publishing(database, bus, service):
            await write(database, Note("notes/1"))
            await published_up_to(database, 1)
            async with publishing(other, bus, service):
                await write(other, Note("notes/2"))
                await published_up_to(database, 2)
        async with publishing(other, bus, service):
            await write(other, Note("notes/3"))
            await published_up_to(other, 3)
        assert [each.position for each in await stored(bus, service)] == [1, 2, 3]
