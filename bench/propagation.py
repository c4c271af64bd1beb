"""From the commit of a change in one service to the commit of its effect in another.

Organisations are registered at enrollment and copied by transfer, in the running suite; both
commits are timed by PostgreSQL itself (track_commit_timestamp), so no looking adds to it. Idle:
one event after the other. Loaded: 200 a second. Bare: the same without numbering, relay, cursor
and history, by one process.
"""

import asyncio
import itertools
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import asyncpg
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.organisation_service_pb2 import CreateOrganisationRequest

from bench.calls import Caller, ask, caller
from bench.outcome import ROUNDS, Bound, Outcome, note
from bench.suite import suite
from chassis.ids import new_id
from deploy.local.environment import ROOT
from deploy.local.ports import HOST
from deploy.local.stack import LocalStack

P99_IDLE_MAX_MS = 150.0
CREATE = "/guantong.enrollment.v1.OrganisationService/CreateOrganisation"
# Name, events a round, events a second.
LOADS = (("idle", 60, 8.0), ("200", 1_000, 200.0))
_WITHIN_S = 60.0
_COMMITTED = "SELECT {key} AS key, pg_xact_commit_timestamp(xmin) AS time FROM {table}"


@dataclass
class Delays:
    """Milliseconds of each event, by round."""

    rounds: list[list[float]] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """The median of the rounds' medians."""
        return statistics.median(statistics.median(each) for each in self.rounds)

    @property
    def p99(self) -> float:
        """Of all events of all rounds."""
        every = sorted(itertools.chain.from_iterable(self.rounds))
        return every[len(every) * 99 // 100]


def measure() -> Outcome:
    """Return the median delay at idle, in milliseconds."""
    found = asyncio.run(_measure())
    ours, bare = found["ours", "idle"], found["bare", "idle"]
    return Outcome(
        name="propagation",
        ours=ours.p50,
        bare=bare.p50,
        unit="ms",
        details=[
            f"propagation_{load} p50={found['ours', load].p50:.1f} "
            f"p99={found['ours', load].p99:.1f} bare_p50={found['bare', load].p50:.1f} "
            f"bare_p99={found['bare', load].p99:.1f} unit=ms"
            for load, _, _ in LOADS
        ],
        bounds=[Bound(of="propagation_idle p99 in ms", value=ours.p99, at_most=P99_IDLE_MAX_MS)],
    )


async def _measure() -> Mapping[tuple[str, str], Delays]:
    found = {(who, load): Delays() for who in ("ours", "bare") for load, _, _ in LOADS}
    async with suite(commit_times=True) as stack:
        with caller(stack.folder) as calls, _courier(stack) as courier:
            ours, bare = _Ours(stack, calls), _Bare(stack, courier)
            # Connections, plans and streams are then made.
            await ours.delays(20, 20.0)
            await bare.delays(20, 20.0)
            for load, count, per_s in LOADS:
                for number in range(ROUNDS):
                    turns = (("ours", ours), ("bare", bare))
                    for who, side in turns if number % 2 == 0 else turns[::-1]:
                        found[who, load].rounds.append(await side.delays(count, per_s))
                    note(
                        f"{load}, round {number + 1}: "
                        + ", ".join(
                            f"{who} {statistics.median(found[who, load].rounds[-1]):.1f} ms"
                            for who in ("ours", "bare")
                        )
                    )
    return found


class _Ours:
    """The suite: calls at enrollment, copies at transfer."""

    def __init__(self, stack: LocalStack, calls: Caller) -> None:
        self._calls = calls
        self._dsns = stack.door.dsns
        self._target = f"{HOST}:{stack.ports.enrollment}"
        self._token = f"Bearer {stack.door.token('administrator')}"
        self._made = itertools.count(1)
        self._seen = 0

    async def delays(self, count: int, per_s: float) -> list[float]:
        requests = [(CREATE, _organisation(next(self._made))) for _ in range(count)]
        await asyncio.to_thread(
            self._calls.call, self._target, self._token, requests, warm=0, per_s=per_s
        )
        self._seen += count
        source = await _commits(
            self._dsns["enrollment"], "change", "replace(resource_name, 'organisations/', '')"
        )
        copies: dict[str, float] = {}
        async with asyncio.timeout(_WITHIN_S):
            while len(copies) < self._seen:
                copies = await _commits(self._dsns["transfer"], "copy_organisation", "id")
        keys = {request.organisation_id for _, request in requests}
        return [(copies[key] - source[key]) * 1000 for key in keys]


class _Bare:
    """One process that commits, publishes, receives and commits."""

    def __init__(self, stack: LocalStack, courier: subprocess.Popen[str]) -> None:
        self._courier = courier
        self._dsn = stack.door.dsns["assistance"]

    async def delays(self, count: int, per_s: float) -> list[float]:
        await asyncio.to_thread(ask, self._courier, f"{count} {per_s}")
        source = await _commits(self._dsn, "bare_source", "id")
        copies = await _commits(self._dsn, "bare_copy", "id")
        return [(copies[key] - source[key]) * 1000 for key in sorted(source)[-count:]]


@contextmanager
def _courier(stack: LocalStack) -> Iterator[subprocess.Popen[str]]:
    """Start the bare process; its tables lie in a database that has nothing to do meanwhile."""
    nats_url = f"nats://{HOST}:{stack.ports.nats}"
    command = [
        sys.executable,
        "-m",
        "bench.processes.courier",
        stack.door.dsns["assistance"],
        nats_url,
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _organisation(number: int) -> CreateOrganisationRequest:
    return CreateOrganisationRequest(
        request_id=str(new_id()),
        organisation_id=f"bench-{number}",
        display_name=f"虚构学校{number}",
        kind=Organisation.Kind.KIND_SECONDARY_VOCATIONAL,
        region_code="321300",
        made_up=True,
    )


async def _commits(dsn: str, table: str, key: str) -> dict[str, float]:
    """Return when each row was committed, in seconds; rows of an only version."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_COMMITTED.format(table=table, key=key))
        return {row["key"]: row["time"].timestamp() for row in rows}
    finally:
        await connection.close()
