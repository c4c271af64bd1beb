"""What is recorded of a change: all of it, in the order of the writing, in one statement."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy import text

from chassis import changes, db
from chassis.changes import Intent
from chassis.db import Database, RequestRaced, Transaction
from tests.chassis.conftest import ENCODERS, NOON, Note, encode_note, origin


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.fetch(db.compile(text(query)))]


def intent(request_id: UUID | None = None) -> Intent:
    return Intent("alpha", "/notes/Write", request_id or uuid4(), bytes(32))


async def record(
    database: Database,
    *notes: Note,
    answers: Sequence[Note | None] = (),
    under: Intent | None = None,
) -> tuple[dict[int, changes.Recorded], list[str]]:
    """Record notes; return what was recorded, and the statements that it took."""
    statements: list[str] = []

    async def work(tx: Transaction) -> dict[int, changes.Recorded]:
        tx.note(notes)
        connection: Any = tx._source
        with connection.query_logger(lambda query: statements.append(query.query)):
            return await changes.record(tx, ENCODERS, origin(), intent=under, answers=answers)

    return await database.transact(work), statements


async def test_a_change_row_holds_event_resource_digest_parties_and_origin(
    database: Database,
) -> None:
    note = Note("notes/1", "文", audience=("alpha", "beta"), version=3, event="NoteWritten")
    recorded, _ = await record(database, note)
    (row,) = await rows(database, "SELECT * FROM change")
    stored = StringValue(value="文").SerializeToString(deterministic=True)
    assert row["id"] == recorded[id(note)].change_id
    assert (row["resource_name"], row["version"], row["event_type"]) == (
        "notes/1",
        3,
        "NoteWritten",
    )
    assert row["message_type"] == "google.protobuf.StringValue"
    assert (row["resource"], row["resource_sha256"]) == (stored, hashlib.sha256(stored).digest())
    assert row["audience"] == ["alpha", "beta"]
    assert (row["actor"], row["actor_organisation"], row["business_time"]) == (
        "writer",
        "alpha",
        NOON,
    )
    assert row["traceparent"] == origin().traceparent
    assert row["event_id"].version == 7
    assert await rows(database, "SELECT change_id FROM unsequenced") == [{"change_id": row["id"]}]


async def test_ids_are_drawn_in_the_order_of_the_writing_in_one_statement(
    database: Database,
) -> None:
    notes = [Note(f"notes/{number}") for number in (3, 1, 2, *range(4, 200))]
    recorded, statements = await record(database, *notes, under=intent(), answers=notes)
    # The driver may ask the catalogue about types first.
    assert len([each for each in statements if "INSERT INTO" in each]) == 1
    ids = [recorded[id(note)].change_id for note in notes]
    assert ids == sorted(ids)
    names = await rows(database, "SELECT resource_name FROM change ORDER BY id")
    assert [row["resource_name"] for row in names] == [note.name for note in notes]


async def test_a_request_remembers_for_each_item_the_change_that_answers_it(
    database: Database,
) -> None:
    side, first, second = Note("notes/side"), Note("notes/1"), Note("notes/2")
    under = intent()
    # Written in another order than asked for; one item refused, and one change answers nobody.
    recorded, _ = await record(
        database, second, side, first, under=under, answers=[first, None, second]
    )
    (row,) = await rows(database, "SELECT * FROM request")
    assert row["change_ids"] == [
        recorded[id(first)].change_id,
        None,
        recorded[id(second)].change_id,
    ]
    assert (row["organisation"], row["method"], row["request_id"]) == (
        "alpha",
        "/notes/Write",
        under.request_id,
    )


async def test_a_request_that_is_remembered_already_is_told_apart(database: Database) -> None:
    under = intent()
    note = Note("notes/1")
    await record(database, note, under=under, answers=[note])
    attempts = 0

    async def work(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        if attempts > 1:
            return
        other = Note("notes/2")
        tx.note([other])
        try:
            await changes.record(tx, ENCODERS, origin(), intent=under, answers=[other])
        except RequestRaced:
            attempts += 10
            raise

    await database.transact(work)
    # It was run again, and what it had written was undone.
    assert attempts == 12
    assert len(await rows(database, "SELECT 1 FROM change")) == 1


async def test_a_version_is_recorded_once(database: Database) -> None:
    await record(database, Note("notes/1", version=4))
    with pytest.raises(asyncpg.UniqueViolationError):
        await record(database, Note("notes/1", "other", version=4))
    await record(database, Note("notes/1", version=5))


async def test_nothing_noted_records_nothing(database: Database) -> None:
    recorded, statements = await record(database)
    assert (recorded, statements) == ({}, [])


async def test_what_was_recorded_is_not_recorded_again(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        tx.note([Note("notes/1")])
        await changes.record(tx, ENCODERS, origin())
        assert await changes.record(tx, ENCODERS, origin()) == {}

    await database.transact(work)
    assert len(await rows(database, "SELECT 1 FROM change")) == 1


async def test_a_write_without_an_event_is_a_fault_and_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError, match="without an event"):
        await record(database, Note("notes/1"), Note("notes/2", event=None))
    assert await rows(database, "SELECT 1 FROM change") == []


async def test_what_is_kept_beside_the_rows_is_written_with_them_or_not_at_all(
    database: Database,
) -> None:
    kept: list[changes.Written] = []

    async def keep(_: Transaction, at: changes.Origin, written: Sequence[changes.Written]) -> None:
        assert at == origin()
        kept.extend(written)
        if len(written) == 1:
            raise LookupError

    encoders = changes.Encoders({Note: encode_note}, beside=keep)

    def recording(*notes: Note) -> Any:
        async def work(tx: Transaction) -> dict[int, changes.Recorded]:
            tx.note(notes)
            return await changes.record(tx, encoders, origin())

        return work

    one, two = Note("notes/1", "文", event="NoteWritten"), Note("notes/2", "二", event="NoteKept")
    recorded = await database.transact(recording(one, two))
    ids = [recorded[id(each)].change_id for each in (one, two)]
    assert [each.change_id for each in kept] == ids
    assert [each.event for each in kept] == ["NoteWritten", "NoteKept"]
    assert kept[1].message == StringValue(value="二")
    with pytest.raises(LookupError):
        await database.transact(recording(Note("notes/3", "三")))
    assert len(await rows(database, "SELECT * FROM change")) == 2
