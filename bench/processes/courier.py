"""A bare event: committed, published with JetStream's acknowledgement, committed by the consumer.

Two tables, two connections, one stream that syncs each message, and nothing between: what no
propagation over these servers can be faster than. A job on standard input is "COUNT PER_S"; the
answer comes when the consumer has committed the last event.
"""

import asyncio
import sys
import time

import asyncpg
import nats
import uvloop
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy, StreamConfig

_SUBJECT = "bare.events"
_TABLES = """
CREATE TABLE bare_source (id bigint PRIMARY KEY, payload bytea NOT NULL);
CREATE TABLE bare_copy (id bigint PRIMARY KEY, payload bytea NOT NULL);
"""
_PAYLOAD = bytes(600)


class _Courier:
    def __init__(self, source: asyncpg.Pool, copy: asyncpg.Connection) -> None:
        self._source = source
        self._copy = copy
        self._copied = 0
        self._all = asyncio.Event()
        self._wanted = 0
        self._last = 0

    async def connect(self, url: str) -> None:
        client = await nats.connect(url)
        self._jetstream = client.jetstream()
        await self._jetstream.add_stream(StreamConfig(name="BARE", subjects=[_SUBJECT]))
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
        await self._jetstream.subscribe(
            _SUBJECT, stream="BARE", config=config, cb=self._receive, manual_ack=True
        )

    async def run(self, count: int, per_s: float) -> None:
        """Send so many events at a rate and wait for all copies."""
        self._wanted = self._copied + count
        self._all.clear()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as sending:
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))
                self._last += 1
                sending.create_task(self._send(self._last))
        await self._all.wait()

    async def _send(self, number: int) -> None:
        await self._source.execute("INSERT INTO bare_source VALUES ($1, $2)", number, _PAYLOAD)
        await self._jetstream.publish(_SUBJECT, number.to_bytes(8) + _PAYLOAD)

    async def _receive(self, message: Msg) -> None:
        number = int.from_bytes(message.data[:8])
        await self._copy.execute("INSERT INTO bare_copy VALUES ($1, $2)", number, _PAYLOAD)
        await message.ack()
        self._copied += 1
        if self._copied == self._wanted:
            self._all.set()


async def _main(dsn: str, url: str) -> None:
    loop = asyncio.get_running_loop()
    async with asyncpg.create_pool(dsn, min_size=8, max_size=8) as pool:
        await pool.execute(_TABLES)
        copy = await asyncpg.connect(dsn)
        courier = _Courier(pool, copy)
        await courier.connect(url)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            count, per_s = line.split()
            await courier.run(int(count), float(per_s))
            print("done", flush=True)


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:3]))
