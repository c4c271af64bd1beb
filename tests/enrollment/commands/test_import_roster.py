"""Imports on real databases: crashes between chunks, races for a place, any split of a file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from itertools import pairwise
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
from guantong.enrollment.v1 import import_service_pb2 as pb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.changes import Origin
from chassis.db import Transaction
from chassis.identity import Caller
from chassis.import_steps import Ending, Opening, Rows, Step
from chassis.imports import Imports
from chassis.interceptors import Call
from services.enrollment import app
from services.enrollment.commands.enroll_cohort_members import enroll_cohort_members
from services.enrollment.commands.import_roster import RosterImporter
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.refusals import PlanFull
from services.enrollment.edge.imports import admit
from services.enrollment.edge.wire import imports as wire
from services.enrollment.edge.wire.import_rosters import RosterRows
from tests.enrollment import made
from tests.enrollment.conftest import NOW, Desk

Row = pb.ImportRosterRequest.Row
Response = pb.ImportRosterResponse
# As asyncpg says that a connection is gone.
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


def row(cohort: Cohort, serial: int, **changes: Any) -> Row:
    facts: dict[str, Any] = {
        "cohort": f"cohorts/{cohort.id}",
        "class_name": made.CLASSES[0],
        "display_name": f"测试学生{serial}",
        "id_number": made.id_number(serial),
        "admission_number": f"20321323{serial:04d}",
        "ethnicity_code": "01",
        "made_up": True,
    }
    return Row(**facts | changes)


async def take(
    desk: Desk,
    chunks: Sequence[Sequence[Row]],
    *,
    request_id: UUID | None = None,
    numbers: Sequence[int] = (),
    ends: bool = True,
) -> list[Response]:
    """Run a stream of chunks, numbered from 1 unless told otherwise."""
    caller = Caller("user-siyang", made.FRONT, frozenset({"registrar"}))
    call = Call(caller, "ImportRoster", Origin("user", made.FRONT, NOW, TRACE), made.FRONT)
    today = NOW.date()
    importer = RosterImporter(RosterRows(today=today), desk.sealer, caller=caller, today=today)
    imports = Imports(desk.database, app.ENCODERS, admit, request_key=b"r" * 32)

    async def steps() -> AsyncIterator[Step[Row]]:
        yield Opening(request_id or uuid4(), "名册", validate_only=False)
        for number, rows in zip(numbers or range(1, len(chunks) + 1), chunks, strict=True):
            yield Rows(number, rows, b"".join(each.SerializeToString() for each in rows))
        if ends:
            yield Ending()

    reply = partial(wire.to_response, Response)
    async with aclosing(imports.run(call, steps(), importer, reply)) as run:
        return cast("list[Response]", [answer async for answer in run])


async def enrolled(desk: Desk) -> list[str]:
    """Return what is on the rosters: class and version of each member, in order of enrolment."""
    rows = await desk.rows("SELECT class_name, version FROM cohort_member ORDER BY id")
    return [f"{each['class_name']} {each['version']}" for each in rows]


async def test_a_chunk_whose_connection_is_killed_is_not_there_and_comes_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = await desk.set_up_cohort()
    request_id = uuid4()
    chunks = [[row(cohort, 1), row(cohort, 2)], [row(cohort, 3)], [row(cohort, 4)]]
    write = RosterImporter.write
    writes: list[None] = []

    async def dying(self: Any, tx: Transaction, ready: Any, *, is_again: bool) -> Any:
        results = await write(self, tx, ready, is_again=is_again)
        writes.append(None)
        if len(writes) == 2:
            await desk.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state ="
                " 'idle in transaction' AND datname = current_database()"
            )
        return results

    monkeypatch.setattr(RosterImporter, "write", dying)
    with pytest.raises(LOST):
        await take(desk, chunks, request_id=request_id)
    assert len(await enrolled(desk)) == 2
    answers = await take(desk, chunks, request_id=request_id)
    assert answers[0].job.next_chunk_number == 2
    assert answers[-1].job.totals.new_rows == 4
    assert len(await enrolled(desk)) == 4


async def test_of_an_import_and_an_enrolment_one_gets_the_last_place(desk: Desk) -> None:
    cohort = await desk.set_up_cohort(front_plan=1)
    item = await desk.applicant(cohort.id, 9)

    async def imported() -> None:
        answers = await take(desk, [[row(cohort, 1)]])
        (told,) = answers[1].results
        assert "PLAN_FULL" in str(told.error.details)

    await desk.run_around(imported(), enroll_cohort_members, item, party=made.FRONT)
    assert len(await enrolled(desk)) == 1


async def test_an_enrolment_waits_for_an_import_that_takes_the_last_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = await desk.set_up_cohort(front_plan=1)
    item = await desk.applicant(cohort.id, 9)
    meanwhile: list[asyncio.Task[Any]] = []
    write = RosterImporter.write

    async def slow(self: Any, tx: Transaction, ready: Any, *, is_again: bool) -> Any:
        results = await write(self, tx, ready, is_again=is_again)
        run = desk.run(enroll_cohort_members, item, party=made.FRONT)
        meanwhile.append(asyncio.create_task(run))
        await asyncio.sleep(0.3)
        return results

    monkeypatch.setattr(RosterImporter, "write", slow)
    await take(desk, [[row(cohort, 1)]])
    (refusal,) = await meanwhile[0]
    assert isinstance(refusal, PlanFull)


async def test_two_imports_of_the_same_persons_at_once_enrol_each_once(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    rows = [row(cohort, serial) for serial in range(1, 21)]
    both = await asyncio.gather(take(desk, [rows]), take(desk, [rows[::-1]]))
    totals = [answers[-1].job.totals for answers in both]
    assert sum(each.new_rows for each in totals) == 20
    assert sum(each.same_rows for each in totals) == 20
    assert len(await enrolled(desk)) == 20


async def test_two_streams_of_one_job_write_each_chunk_once(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    chunks = [[row(cohort, serial)] for serial in range(1, 6)]
    request_id = uuid4()
    both = await asyncio.gather(
        take(desk, chunks, request_id=request_id), take(desk, chunks, request_id=request_id)
    )
    assert [answers[-1].job.totals.new_rows for answers in both] == [5, 5]
    assert len(await enrolled(desk)) == 5


# Rows of a file: who, in which class (one of them is none), some of them twice.
FILES = st.lists(st.tuples(st.integers(1, 8), st.sampled_from([*made.CLASSES, "?"])), max_size=12)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), file=FILES)
async def test_any_split_into_chunks_with_any_repeats_ends_the_same(
    desk: Desk, data: st.DataObject, file: list[tuple[int, str]]
) -> None:
    """Sent in one chunk to one school's year, and in any chunks, sent again at will, to another."""
    whole, parts = [await desk_cohort(desk) for _ in range(2)]
    base = {whole.id: next(_serials), parts.id: next(_serials)}
    rows = {
        cohort.id: [
            row(cohort, base[cohort.id] + serial, class_name=class_name)
            for serial, class_name in file
        ]
        for cohort in (whole, parts)
    }
    expected = await take(desk, [rows[whole.id]] if file else [])
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(file) - 1)), max_size=4)))
    bounds = [0, *(each for each in cuts if each < len(file)), len(file)]
    chunks = [rows[parts.id][a:b] for a, b in pairwise(bounds) if a < b]
    request_id = uuid4()
    answered: dict[int, Response] = {}
    taken = 0
    while taken < len(chunks):
        # A stream repeats some chunks from anywhere before, and goes on for some more.
        start = data.draw(st.integers(0, taken))
        end = data.draw(st.integers(taken + 1, len(chunks)))
        answers = await take(
            desk,
            chunks[start:end],
            request_id=request_id,
            numbers=range(start + 1, end + 1),
            ends=False,
        )
        for answer in answers[1:]:
            assert answered.setdefault(answer.chunk_number, answer) == answer
        taken = end
    last = (await take(desk, [], request_id=request_id))[-1]
    assert last.job.totals == expected[-1].job.totals
    told = [each for number in sorted(answered) for each in answered[number].results]
    assert [_said(each) for each in told] == [
        _said(each) for answer in expected for each in answer.results
    ]
    assert await members_of(desk, parts) == await members_of(desk, whole)


def _said(result: Any) -> tuple[int, int, str]:
    return result.row_number, result.verdict, result.error.message


# Persons and years that no other example has.
_serials = iter(range(100, 1_000, 10))
_years = iter(range(2000, 2100))


async def desk_cohort(desk: Desk) -> Cohort:
    return await desk.set_up_cohort(year=next(_years))


async def members_of(desk: Desk, cohort: Cohort) -> list[tuple[str, int]]:
    rows = await desk.rows(
        "SELECT class_name, version FROM cohort_member WHERE cohort_id = :id ORDER BY id",
        id=cohort.id,
    )
    return [(each["class_name"], each["version"]) for each in rows]
