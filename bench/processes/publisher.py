"""A bare publisher: so many messages in flight, from memory to JetStream's acknowledgement.

A job is a line on standard input, the file of messages; the answer is the seconds that it took.
A line of the file is JSON: subject, headers, payload in hexadecimal.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import nats
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import StreamConfig

from chassis.ids import new_id
from chassis.publishing import SIZE_DEFAULT
from chassis.relay import MESSAGE_ID

PREFIX = "bare."
Message = tuple[str, dict[str, str], bytes]


async def _publish(client: Client, messages: list[Message]) -> float:
    """Return the seconds until the last message is acknowledged."""
    window = asyncio.Semaphore(SIZE_DEFAULT)
    inbox = client.new_inbox()

    async def acknowledged(answer: Msg) -> None:
        if b'"error"' in answer.data or not answer.data:
            raise RuntimeError(f"not stored: {answer.data!r}")
        window.release()

    subscription = await client.subscribe(inbox, cb=acknowledged)
    began = time.perf_counter()
    for subject, headers, payload in messages:
        await window.acquire()
        await client.publish(subject, payload, reply=inbox, headers=headers)
    for _ in range(SIZE_DEFAULT):
        await window.acquire()
    seconds = time.perf_counter() - began
    await subscription.unsubscribe()
    return seconds


def _read(path: str) -> list[Message]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [
        # An id of its own each time: what the stream holds already it would not store.
        (PREFIX + subject, headers | {MESSAGE_ID: str(new_id())}, bytes.fromhex(payload))
        for subject, headers, payload in map(json.loads, lines)
    ]


async def _main(url: str) -> None:
    client = await nats.connect(url)
    await client.jetstream().add_stream(StreamConfig(name="BARE", subjects=[PREFIX + ">"]))
    for line in sys.stdin:
        print(await _publish(client, _read(line.strip())), flush=True)


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
