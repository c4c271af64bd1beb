"""One command, SubmitApplication, against a bare handler that runs the same statements.

Ours: permission, token, validation, idempotency, domain, change row, commit, log in JSON to a
file. Bare: grpc.aio and asyncpg, the same SQL, rows, durability, pool and message sizes. Both
have a process of their own and the same database; the caller is a third process.
"""

import asyncio
from collections.abc import Callable, Iterator
from uuid import UUID

import asyncpg

from bench.calls import Caller, caller
from bench.drafts import FRONT, SUBMIT, submission
from bench.outcome import ROUNDS, Bound, Outcome, in_turn
from bench.surroundings import Surroundings, surroundings

CALLS = 3_000
RATIO_MIN = 0.6


def measure() -> Outcome:
    """Return calls a second, ours and bare."""
    with surroundings() as around, caller(around.folder) as calls:
        sacrificed, *ids = around.draft(1 + 2 * ROUNDS * CALLS)
        ours = around.serve("bench.processes.ours", service="transfer")
        bare = around.serve("bench.processes.bare", str(sacrificed), service="transfer")
        left = iter(ids)
        medians = in_turn(
            submitting(around, calls, ours, left), submitting(around, calls, bare, left)
        )
        asyncio.run(_check(around.dsn("transfer"), len(ids) + 1))
    return outcome("command", *medians, ratio_min=RATIO_MIN)


def submitting(
    around: Surroundings, calls: Caller, target: str, left: Iterator[UUID]
) -> Callable[[], float]:
    """Return what submits the next CALLS drafts at a server and returns the calls a second."""
    token = around.token(FRONT, "registrar")

    def submit() -> float:
        requests = [(SUBMIT, submission(next(left))) for _ in range(CALLS)]
        return calls.call(target, token, requests).per_s

    return submit


def outcome(name: str, ours: float, bare: float, *, ratio_min: float) -> Outcome:
    """Return an outcome in calls a second that is held to a least ratio."""
    bound = Bound(of=f"{name} ratio", value=ours / bare, at_least=ratio_min)
    return Outcome(name=name, ours=ours, bare=bare, unit="calls/s", bounds=[bound])


async def _check(dsn: str, count: int) -> None:
    """Make sure that both have done the whole work: each call its rows."""
    connection = await asyncpg.connect(dsn)
    try:
        for table in ("change", "request", "unsequenced"):
            found = await connection.fetchval(f'SELECT count(*) FROM "{table}"')  # noqa: S608
            if found != count:
                raise RuntimeError(f"{found} rows in {table} after {count} calls")
        sql = "SELECT count(*) FROM application WHERE state = 'SUBMITTED' AND version = 2"
        if await connection.fetchval(sql) != count:
            raise RuntimeError("some applications were not submitted")
    finally:
        await connection.close()
