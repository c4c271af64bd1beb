"""Imports rosters over one stream each, and prints how long it took.

A job is a line of JSON on standard input, its result one on standard output. Rows are made before
the clock starts. One chunk is on its way while the one before it is answered; no more.
"""

import asyncio
import json
import sys
import time
from typing import Any
from uuid import UUID

import grpc.aio
import uvloop
from guantong.enrollment.v1 import import_service_pb2 as pb

from bench.population import chunks, roster
from chassis.ids import new_id

_METHOD = "/guantong.enrollment.v1.ImportService/ImportRoster"


async def _run(job: dict[str, Any]) -> dict[str, Any]:
    messages = _messages(job)
    new_rows = 0
    async with grpc.aio.insecure_channel(job["target"]) as channel:
        await channel.channel_ready()
        method: Any = channel.stream_stream(
            _METHOD, request_serializer=None, response_deserializer=None
        )
        call = method(metadata=(("authorization", job["token"]),))
        began = time.perf_counter()
        await call.write(messages[0])
        for following in [*messages[1:], None]:
            if following is not None:
                await call.write(following)
            answer = await call.read()
        await call.done_writing()
        seconds = time.perf_counter() - began
        new_rows = pb.ImportRosterResponse.FromString(answer).job.totals.new_rows
    return {"seconds": seconds, "new_rows": new_rows}


def _messages(job: dict[str, Any]) -> list[bytes]:
    opening = pb.ImportOpening(request_id=str(new_id()), source="bench")
    cohort_ids = [UUID(each) for each in job["cohorts"]]
    rows = roster(cohort_ids, job["first"], job["count"], first_cohort=job["first_cohort"])
    steps = [
        pb.ImportRosterRequest(opening=opening),
        *(pb.ImportRosterRequest(chunk=chunk) for chunk in chunks(rows)),
        pb.ImportRosterRequest(ending=pb.ImportEnding()),
    ]
    return [step.SerializeToString() for step in steps]


async def _main() -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        sys.stdout.write(json.dumps(await _run(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(_main())
