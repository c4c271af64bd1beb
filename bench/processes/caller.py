"""Calls a server with prepared requests, so many in flight, and prints what it saw as JSON.

With `per_s` calls are begun at that rate, if the server keeps up; else as fast as they end.

A job is a line of JSON on standard input, its result one on standard output, so that rounds
share a warm process. Requests are a file of lines "METHOD hexadecimal bytes"; answers are not
parsed, but a failed call fails the job.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from typing import Any, TypeAlias

import grpc.aio
import uvloop

_ANSWER_S = 30.0
# A method, a message, and the metadata.
Request: TypeAlias = tuple[str, bytes, tuple[tuple[str, str]]]
Requests: TypeAlias = Iterator[Request]


async def _run(job: dict[str, Any]) -> dict[str, Any]:
    """Call with all requests of a job; the first `warm` of them are not measured."""
    requests = _read(job["requests"], job["tokens"])
    async with grpc.aio.insecure_channel(job["target"]) as channel:
        await asyncio.wait_for(channel.channel_ready(), _ANSWER_S)
        methods: dict[str, Any] = {
            name: channel.unary_unary(name, request_serializer=None, response_deserializer=None)
            for name in {method for method, _, _ in requests}
        }
        durations: list[float] = []

        async def call_on(mine: Requests, due: Iterator[float]) -> None:
            for method, body, metadata in mine:
                await asyncio.sleep(max(0.0, next(due) - time.perf_counter()))
                began = time.perf_counter()
                await methods[method](body, metadata=metadata, timeout=_ANSWER_S)
                durations.append(time.perf_counter() - began)

        async def call_all(part: list[Request]) -> float:
            left = iter(part)
            began = time.perf_counter()
            due = (
                itertools.count(began, 1 / job["per_s"]) if job["per_s"] else itertools.repeat(0.0)
            )
            await asyncio.gather(*[call_on(left, due) for _ in range(job["in_flight"])])
            return time.perf_counter() - began

        await call_all(requests[: job["warm"]])
        durations.clear()
        seconds = await call_all(requests[job["warm"] :])
    durations.sort()
    return {
        "calls": len(durations),
        "seconds": seconds,
        "p50_ms": durations[len(durations) // 2] * 1000,
        "p99_ms": durations[len(durations) * 99 // 100] * 1000,
    }


def _read(path: str, tokens: list[str]) -> list[Request]:
    with open(path, encoding="ascii") as file:  # noqa: PTH123 - nothing else runs here
        lines = [line.split() for line in file]
    given = itertools.cycle(((("authorization", token),),) for token in tokens)
    return [
        (method, bytes.fromhex(body), *metadata)
        for (method, body), metadata in zip(lines, given, strict=False)
    ]


async def _main() -> None:
    for line in sys.stdin:
        print(json.dumps(await _run(json.loads(line))), flush=True)


if __name__ == "__main__":
    uvloop.run(_main())
