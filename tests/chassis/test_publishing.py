"""The publish window: the mark never passes what is not acknowledged, and doubt is said."""

import asyncio
import time

import pytest
from nats.aio.msg import Msg

from chassis.bus import Bus
from chassis.publishing import Outgoing, PublishFailed, PublishWindow
from deploy.local.nats import NatsServer
from tests.chassis.conftest import Suite, until
from tests.chassis.test_relay import bus_at

_STORED = b'{"stream":"S","seq":1}'


def _message(subject: str, position: int) -> Outgoing:
    return Outgoing(position=position, subject=subject, payload=b"x", headers={})


async def _acknowledge(bus: Bus, subject: str, *, forget: int = 0, refuse: int = 0) -> None:
    """Answer as a stream does, in reverse order of pairs, except for two positions."""
    held: list[Msg] = []

    async def answer(message: Msg) -> None:
        held.append(message)
        if len(held) < 2:
            return
        for each in reversed(held):
            position = int(each.reply.rpartition(".")[2])
            if position == refuse:
                await each.respond(b'{"error":{"code":503,"description":"store is full"}}')
            elif position != forget:
                await each.respond(_STORED)
        held.clear()

    await bus.connection.subscribe(subject, cb=answer)


async def test_the_mark_waits_for_the_oldest_and_a_missing_answer_voids_the_window(
    suite: Suite, nats_server: NatsServer
) -> None:
    subject = suite.name("subject.")
    async with bus_at(nats_server) as bus:
        await _acknowledge(bus, subject, forget=4)
        async with PublishWindow.open(bus, after=1, timeout_s=0.5) as window:
            for position in range(2, 10):
                await window.send(_message(subject, position))
            with pytest.raises(PublishFailed, match="missing"):
                await window.settle()
            assert window.mark == 3
            assert window.in_flight == 1


async def test_no_more_than_the_size_is_in_flight(suite: Suite, nats_server: NatsServer) -> None:
    subject = suite.name("subject.")
    async with bus_at(nats_server) as bus:
        await _acknowledge(bus, subject)
        most = 0
        async with PublishWindow.open(bus, after=0, size=4) as window:
            for position in range(1, 101):
                await window.send(_message(subject, position))
                most = max(most, window.in_flight)
            await window.settle()
            assert window.mark == 100
        assert most == 4


async def test_an_error_of_the_stream_is_said_at_once(
    suite: Suite, nats_server: NatsServer
) -> None:
    subject = suite.name("subject.")
    async with bus_at(nats_server) as bus:
        await _acknowledge(bus, subject, refuse=2)
        async with PublishWindow.open(bus, after=0) as window:
            for position in (1, 2):
                await window.send(_message(subject, position))
            with pytest.raises(PublishFailed, match="store is full"):
                await window.settle()


async def test_a_stream_that_is_not_there_is_said_at_once(
    suite: Suite, nats_server: NatsServer
) -> None:
    async with bus_at(nats_server) as bus, PublishWindow.open(bus, after=0) as window:
        await window.send(_message(suite.name("subject."), 1))
        with pytest.raises(PublishFailed, match="no stream"):
            await window.settle()


async def test_a_lost_connection_voids_what_is_in_flight_at_once(
    suite: Suite, own_nats: NatsServer
) -> None:
    subject = suite.name("subject.")
    with own_nats:
        async with bus_at(own_nats) as bus:
            await _acknowledge(bus, subject)
            async with PublishWindow.open(bus, after=0, timeout_s=60) as window:
                await window.send(_message(subject, 1))
                await bus.connection.flush()
                own_nats.process.kill()
                own_nats.process.start()
                started_s = time.monotonic()
                with pytest.raises(PublishFailed, match="connection"):
                    await window.settle()
                assert time.monotonic() - started_s < 3
                await until(lambda: bus.is_connected)
                await asyncio.sleep(0)
