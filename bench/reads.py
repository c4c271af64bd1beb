"""Reads in a database with a million persons, against bare handlers of the same queries.

`lookup` is GetPerson, `roster_page` a cohort's members, `timeline` the first page of a person's
timeline; each of a random student of a random school, by a registrar of that school. Ours and bare
have a process of their own and the same database; the caller is a third process, with as many
calls in flight. The figures are the 99th percentiles.
"""

import asyncio
import atexit
import json
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import asyncpg
import grpc

from bench.calls import Caller, Calls, caller
from bench.outcome import ROUNDS, Bound, Outcome, note
from bench.population import populate
from bench.readings import METHODS, Student, request_of
from bench.surroundings import Surroundings, surroundings
from chassis import keystore
from services import enrollment

SMALL = 10_000
LARGE = 1_000_000
CALLS = 2_000
RATIO_MAX = 3.0
GROWTH_MAX = 1.5
# The same students whenever the benchmark runs on the same database.
_SAMPLE = "SELECT person_id, cohort_id, front FROM cohort_member ORDER BY md5(id::text) LIMIT $1"


@dataclass(frozen=True)
class Measured:
    """The percentiles of one server: medians of the rounds, in milliseconds."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, rounds: Sequence[Calls]) -> "Measured":
        return cls(
            statistics.median(each.p50_ms for each in rounds),
            statistics.median(each.p99_ms for each in rounds),
        )

    def __str__(self) -> str:
        return f"p50={self.p50_ms:.2f} p99={self.p99_ms:.2f}"


@dataclass(frozen=True)
class Pair:
    """Ours and bare on one database."""

    ours: Measured
    bare: Measured


def lookup() -> Outcome:
    """Return the 99th percentiles of GetPerson."""
    return _outcome("lookup")


def roster_page() -> Outcome:
    """Return the 99th percentiles of a page of a cohort's members."""
    return _outcome("roster_page")


def timeline() -> Outcome:
    """Return the 99th percentiles of the first page of a person's timeline."""
    return _outcome("timeline")


def _outcome(name: str) -> Outcome:
    small, large = measure(SMALL)[name], measure(LARGE)[name]
    bounds = [
        Bound(
            of=f"{name} p99 ratio",
            value=large.ours.p99_ms / large.bare.p99_ms,
            at_most=RATIO_MAX,
        ),
        Bound(
            of=f"{name} p99 of {LARGE} to {SMALL} persons",
            value=large.ours.p99_ms / small.ours.p99_ms,
            at_most=GROWTH_MAX,
        ),
    ]
    return Outcome(
        name=name,
        ours=large.ours.p99_ms,
        bare=large.bare.p99_ms,
        unit="ms",
        details=[
            f"{name}_{count}_persons ours {pair.ours} bare {pair.bare} unit=ms"
            for count, pair in ((SMALL, small), (LARGE, large))
        ],
        bounds=bounds,
    )


@cache
def measure(count: int) -> dict[str, Pair]:
    """Return what each read takes among so many persons; they are generated once."""
    with ExitStack() as stack:
        atexit.register(stack.close)
        around = stack.enter_context(surroundings())
        calls = stack.enter_context(caller(around.folder))
        around.migrate("enrollment", enrollment)
        around.migrate("keystore", keystore)
        populate(around.environments.dsns, around.environments.secrets, count)
        students = asyncio.run(_sample(around.dsn("enrollment"), CALLS * ROUNDS))
        return _Reads(around, calls, students).measure()


class _Reads:
    """Both servers on one database, and the caller."""

    def __init__(self, around: Surroundings, calls: Caller, students: Sequence[Student]) -> None:
        self._around = around
        self._calls = calls
        self._students = students
        self._tokens = {
            each: around.token(each, "registrar") for each in {each.front for each in students}
        }
        self._ours = around.serve("bench.processes.enrollment", service="enrollment")
        answers = around.folder / "answers"
        answers.write_text(json.dumps(self._answers()), encoding="ascii")
        self._bare = around.serve("bench.processes.bare_reads", str(answers), service="enrollment")

    def measure(self) -> dict[str, Pair]:
        return {name: self._in_turn(name, method) for name, method in METHODS.items()}

    def _in_turn(self, name: str, method: str) -> Pair:
        """Call both in turn; who goes first changes with each round."""
        found: dict[str, list[Calls]] = {self._ours: [], self._bare: []}
        for number in range(ROUNDS):
            students = self._students[number * CALLS : (number + 1) * CALLS]
            order = [self._ours, self._bare]
            for target in order if number % 2 == 0 else reversed(order):
                found[target].append(
                    self._calls.call(
                        target,
                        [self._tokens[each.front] for each in students],
                        [(method, request_of(method, each)) for each in students],
                    )
                )
            ours, bare = found[self._ours][-1], found[self._bare][-1]
            note(
                f"{name} round {number + 1}: ours p50 {ours.p50_ms:.2f} p99 {ours.p99_ms:.2f}, "
                f"bare p50 {bare.p50_ms:.2f} p99 {bare.p99_ms:.2f} ms"
            )
        return Pair(Measured.of(found[self._ours]), Measured.of(found[self._bare]))

    def _answers(self) -> dict[str, str]:
        """Return what the product answers once to each read, in hexadecimal."""
        student = self._students[0]
        metadata = (("authorization", self._tokens[student.front]),)
        with grpc.insecure_channel(self._ours) as channel:
            answers: dict[str, str] = {
                method: _unary(channel, method)(
                    request_of(method, student).SerializeToString(), metadata=metadata
                ).hex()
                for method in METHODS.values()
            }
        return answers


def _unary(channel: grpc.Channel, method: str) -> Any:
    return channel.unary_unary(method, request_serializer=None, response_deserializer=None)


async def _sample(dsn: str, count: int) -> list[Student]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_SAMPLE, count)
    finally:
        await connection.close()
    found = [Student(row["person_id"], row["cohort_id"], row["front"]) for row in rows]
    # A small database has fewer students than there are calls.
    return [found[number % len(found)] for number in range(count)]
