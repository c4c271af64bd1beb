"""Transactions: run again on a conflict, from the start and not for ever; statements and values."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import BigInteger, Text, bindparam, func, insert, literal, select, text

from chassis import db
from chassis.db import ATTEMPTS_MAX, Database, Transaction, VersionConflict
from chassis.errors import ServiceBusy
from chassis.tables import change_position, unsequenced
from tests.chassis.conftest import Note, write

_KEEP = db.compile(insert(unsequenced).values(change_id=bindparam("change_id", type_=BigInteger)))
_KEPT = db.compile(select(unsequenced.c.change_id).order_by(unsequenced.c.change_id))
_LOCK = db.compile(
    text("UPDATE unsequenced SET change_id = change_id WHERE change_id = :id").bindparams(
        bindparam("id", type_=BigInteger)
    )
)


async def kept(database: Database) -> list[int]:
    return [row["change_id"] for row in await database.fetch(_KEPT)]


@pytest.mark.parametrize(
    "conflict",
    [
        VersionConflict(),
        db.RequestRaced(),
        asyncpg.SerializationError(),
        asyncpg.DeadlockDetectedError(),
    ],
    ids=lambda each: type(each).__name__,
)
async def test_a_conflict_runs_the_work_again_from_the_start(
    database: Database, conflict: Exception
) -> None:
    attempts = []

    async def work(tx: Transaction) -> str:
        attempts.append(tx)
        assert tx.pending.facts == []
        tx.note([Note("notes/1")])
        await tx.execute(_KEEP, change_id=len(attempts))
        if len(attempts) < 3:
            raise conflict
        return "done"

    assert await database.transact(work) == "done"
    assert len(attempts) == 3
    assert await kept(database) == [3]


async def test_conflicts_that_do_not_end_are_given_up_and_said_to_pass(database: Database) -> None:
    attempts = 0

    async def work(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await tx.execute(_KEEP, change_id=attempts)
        raise VersionConflict

    with pytest.raises(ServiceBusy) as raised:
        await database.transact(work)
    assert attempts == ATTEMPTS_MAX
    assert raised.value.retry_after_ms == 1_000
    assert await kept(database) == []


async def test_a_lock_that_is_not_to_be_had_is_said_to_pass(database: Database) -> None:
    await database.transact(lambda tx: tx.execute(_KEEP, change_id=1))

    async def work(tx: Transaction) -> None:
        await tx.execute(db.compile(text("SET LOCAL lock_timeout = '20ms'")))
        await tx.execute(_LOCK, id=1)

    async with database.connection() as holder, holder.transaction():
        await holder.execute("UPDATE unsequenced SET change_id = 1")
        with pytest.raises(ServiceBusy):
            await database.transact(work)
    await database.transact(work)


async def test_two_that_wait_for_each_other_both_end(database: Database) -> None:
    for number in (1, 2):
        await database.transact(lambda tx, number=number: tx.execute(_KEEP, change_id=number))  # type: ignore[misc] # bound at once
    meeting = asyncio.Barrier(2)
    attempts = 0

    async def cross(tx: Transaction, first: int, second: int, *, meet: bool) -> None:
        await tx.execute(db.compile(text("SET LOCAL deadlock_timeout = '10ms'")))
        await tx.execute(_LOCK, id=first)
        if meet:
            await meeting.wait()
        await tx.execute(_LOCK, id=second)

    async def run(first: int, second: int) -> None:
        meet = True

        async def work(tx: Transaction) -> None:
            nonlocal attempts, meet
            attempts += 1
            now, meet = meet, False
            await cross(tx, first, second, meet=now)

        await database.transact(work)

    await asyncio.wait_for(asyncio.gather(run(1, 2), run(2, 1)), 10)
    assert attempts == 3


async def test_an_error_of_the_work_passes_and_leaves_nothing(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(_KEEP, change_id=1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.transact(work)
    assert await kept(database) == []


async def test_who_waits_for_commits_is_called_after_those_that_recorded_changes(
    database: Database,
) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(len(seen))

    database.on_commit(look)
    await database.transact(lambda tx: tx.execute(_KEEP, change_id=99))
    assert seen == []
    await write(database, Note("notes/1"))
    assert seen == [0]
    with pytest.raises(asyncpg.UniqueViolationError):
        await write(database, Note("notes/1"))
    assert seen == [0]


async def test_a_statement_takes_its_values_by_name_each_once(database: Database) -> None:
    twice = db.compile(
        select(
            bindparam("a", type_=BigInteger) * 10 + bindparam("b", type_=BigInteger),
            bindparam("a", type_=BigInteger).label("a"),
            literal("fixed", Text).label("text"),
        )
    )
    row = await database.fetch_one(twice, a=4, b=2)
    assert row is not None
    assert (row[0], row["a"], row["text"]) == (42, 4, "fixed")  # type: ignore[index] # rows have positions too
    for wrong in ({"a": 4}, {"a": 4, "b": 2, "c": 1}):
        with pytest.raises(TypeError, match="expected"):
            await database.fetch_one(twice, **wrong)


async def test_statements_say_how_many_rows_they_wrote(database: Database) -> None:
    many = db.compile(
        insert(change_position).from_select(
            ["position", "change_id"],
            select(func.generate_series(1, 7), func.generate_series(1, 7)),
        )
    )
    assert await database.execute(many) == 7
    assert await database.execute(db.compile(text("DELETE FROM change_position"))) == 7
    assert await database.execute(db.compile(text("DELETE FROM change_position"))) == 0
    assert await database.fetch_one(_KEPT) is None
    assert await database.fetch_value(_KEPT) is None
