"""Events a second from committed to acknowledged by JetStream, which syncs each to its disk.

Ours: EVENTS change rows are committed at once; the clock stops when the mark of what is published
has reached the last of them, so numbering and reading them counts. Bare: a publisher with the
same window sends the same bytes from memory.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import nats

from bench.calls import ask
from bench.outcome import Bound, Outcome, in_turn
from bench.surroundings import Surroundings, surroundings
from deploy.local.environment import ROOT
from services import transfer

EVENTS = 5_000
RATIO_MIN = 0.8
_SERVICE = "transfer"
_POLL_S = 0.005
_WITHIN_S = 60.0
# About what a submitted application takes.
_RESOURCE_BYTES = 560
_WRITE = """
WITH written AS (
    INSERT INTO change (event_id, event_type, resource_name, version, message_type, resource,
                        resource_sha256, audience, actor, actor_organisation, business_time,
                        traceparent)
    SELECT gen_random_uuid(), 'ApplicationSubmitted', 'applications/' || gen_random_uuid(), 2,
           'guantong.transfer.v1.Application', $2, sha256($2), ARRAY['siyang', 'szai'],
           'siyang-bench', 'siyang', now(), '00-' || repeat('1', 32) || '-' || repeat('2', 16)
           || '-01'
    FROM generate_series(1, $1::integer)
    RETURNING id
)
INSERT INTO unsequenced SELECT id FROM written
"""


def measure() -> Outcome:
    """Return events a second."""
    with surroundings(broker=True) as around, _publisher(around) as publisher:
        around.migrate(_SERVICE, transfer)
        around.run("bench.processes.relay", service=_SERVICE)
        history = _History(around)
        messages = around.folder / "messages"
        # Both have then done everything once.
        history.publish()
        history.copy_to(messages)
        publisher(messages)
        ours, bare = in_turn(history.publish, lambda: publisher(messages))
    bound = Bound(of="relay ratio", value=ours / bare, at_least=RATIO_MIN)
    return Outcome(name="relay", ours=ours, bare=bare, unit="events/s", bounds=[bound])


class _History:
    """Commits events and waits until they are published."""

    def __init__(self, around: Surroundings) -> None:
        self._dsn = around.dsn(_SERVICE)
        self._url = around.environments.nats_url

    def publish(self) -> float:
        return asyncio.run(self._publish())

    def copy_to(self, path: Path) -> None:
        """Write the first EVENTS messages, as they were published, into a file."""
        asyncio.run(self._copy_to(path))

    async def _publish(self) -> float:
        connection = await asyncpg.connect(self._dsn)
        try:
            # The relay is asleep and everything before is out.
            await asyncio.sleep(0.2)
            await connection.execute(_WRITE, EVENTS, bytes(_RESOURCE_BYTES))
            began = time.perf_counter()
            async with asyncio.timeout(_WITHIN_S):
                wanted = await connection.fetchval("SELECT count(*) FROM change")
                published = 0
                while published < wanted:
                    await asyncio.sleep(_POLL_S)
                    published = await connection.fetchval("SELECT position FROM published")
            return EVENTS / (time.perf_counter() - began)
        finally:
            await connection.close()

    async def _copy_to(self, path: Path) -> None:
        client = await nats.connect(self._url)
        try:
            subscription = await client.jetstream().subscribe("guantong.>", ordered_consumer=True)
            messages = [await subscription.next_msg(timeout=5) for _ in range(EVENTS)]
        finally:
            await client.close()
        lines = [json.dumps([each.subject, each.headers, each.data.hex()]) for each in messages]
        path.write_text("\n".join(lines), encoding="utf-8")


@contextmanager
def _publisher(around: Surroundings) -> Iterator[Callable[[Path], float]]:
    """Start the bare publisher; what is yielded publishes a file and returns events a second."""
    url = around.environments.nats_url
    command = [sys.executable, "-m", "bench.processes.publisher", url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:

        def publish(path: Path) -> float:
            seconds = float(ask(process, str(path)))
            return EVENTS / seconds

        try:
            yield publish
        finally:
            process.kill()
