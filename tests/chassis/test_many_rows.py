"""Very many rows go by COPY: the same rows, in the same order, with the same refusals, as few."""

from collections.abc import Sequence
from itertools import pairwise

import asyncpg
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from chassis import changes
from chassis.bulk import COPY_ROWS_MIN
from chassis.changes import Written
from chassis.db import Database, Transaction
from tests.chassis.conftest import Note, encode_note, origin

MANY = COPY_ROWS_MIN + 3
PARTIES = ("alpha", "beta")


def notes(count: int) -> list[Note]:
    return [Note(f"notes/{number}", f"text {number}", PARTIES) for number in range(count)]


async def recorded(database: Database, written: list[Note]) -> list[Written]:
    """Record a change for each note; return what was told to be kept beside them."""
    beside: list[Written] = []

    async def keep(
        tx: Transaction,  # noqa: ARG001 - as all that is kept beside
        origin: changes.Origin,  # noqa: ARG001 - as above
        rows: Sequence[Written],
    ) -> None:
        beside.extend(rows)

    encoders = changes.Encoders({Note: encode_note}, beside=keep)

    async def work(tx: Transaction) -> None:
        tx.note(written)
        answers = await changes.record(tx, encoders, origin())
        assert [answers[id(each)].change_id for each in written] == [
            each.change_id for each in beside
        ]

    await database.transact(work)
    return beside


async def rows_of(database: Database) -> list[asyncpg.Record]:
    async with database.connection() as connection:
        return list(await connection.fetch("SELECT * FROM change ORDER BY id"))


async def test_many_changes_are_written_as_few_are(database: Database) -> None:
    few = notes(3)
    await recorded(database, few)
    beside = await recorded(database, notes(MANY)[3:])
    rows = await rows_of(database)
    assert [row["resource_name"] for row in rows] == [f"notes/{n}" for n in range(MANY)]
    ids = [row["id"] for row in rows]
    assert all(a < b for a, b in pairwise(ids))
    assert [each.change_id for each in beside] == ids[3:]
    first, last = rows[0], rows[-1]
    for column in ("event_type", "version", "message_type", "audience", "actor", "traceparent"):
        assert first[column] == last[column]
    assert last["audience"] == list(PARTIES)
    assert StringValue.FromString(last["resource"]).value == f"text {MANY - 1}"
    assert last["record_time"] >= first["record_time"]
    async with database.connection() as connection:
        aside = await connection.fetch("SELECT change_id FROM unsequenced ORDER BY change_id")
    assert [row["change_id"] for row in aside] == ids


async def test_a_version_that_is_there_fails_many_as_it_fails_few(database: Database) -> None:
    await recorded(database, notes(1))
    with pytest.raises(asyncpg.UniqueViolationError):
        await recorded(database, notes(MANY))
    assert len(await rows_of(database)) == 1
