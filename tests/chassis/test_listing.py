"""Lists on a database: filters, the reader's scope, and pages without gaps or repeats."""

import base64
import json
from typing import Any

import pytest
from sqlalchemy import Select, select

from chassis.db import Database
from chassis.errors import PageTokenInvalid, ResourceNotFound
from chassis.listing import Listing
from chassis.paging import read_page
from chassis.tables import change, subscription_cursor
from tests.chassis.conftest import Note, write

_NOTES: Select[Any] = select(change.c.id, change.c.resource_name, change.c.event_type)


def listing(**facts: Any) -> Listing:
    given = {"key": change.c.id, "filters": {"event_type": change.c.event_type}} | facts
    return Listing(_NOTES, **given)


@pytest.fixture
async def notes(database: Database) -> Database:
    for number in range(7):
        await write(
            database,
            Note(f"notes/{number}", event="NoteWritten" if number % 2 else "NoteRead"),
        )
    return database


async def names(
    of: Listing, database: Database, *, size: int = 100, scope: str | None = None, **filters: Any
) -> list[str]:
    """Read a list to its end."""
    found: list[str] = []
    token = ""
    while True:
        page = read_page(size, token, filters)
        rows, token = await of.fetch(database, page, scope=scope, **filters)
        assert len(rows) <= size
        found += [row["resource_name"] for row in rows]
        if not token:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
async def test_pages_of_any_size_show_everything_once(notes: Database, size: int) -> None:
    assert await names(listing(), notes, size=size) == [f"notes/{number}" for number in range(7)]


async def test_filters_are_on_or_off(notes: Database) -> None:
    of = listing()
    assert await names(of, notes, event_type="NoteRead", size=2) == [
        f"notes/{number}" for number in (0, 2, 4, 6)
    ]
    assert len(await names(of, notes, event_type=None)) == 7
    assert await names(of, notes, event_type="NoteBurnt") == []


async def test_a_record_that_comes_between_pages_moves_none(notes: Database) -> None:
    of = listing()
    rows, token = await of.fetch(notes, read_page(3, "", {}), scope=None)
    await write(notes, Note("notes/new"))
    more, _ = await of.fetch(notes, read_page(100, token, {}), scope=None)
    shown = [row["resource_name"] for row in (*rows, *more)]
    assert shown == [*(f"notes/{number}" for number in range(7)), "notes/new"]


async def test_a_reader_with_a_scope_sees_where_it_is_a_party(notes: Database) -> None:
    # The columns stand for parties.
    of = listing(parties=[change.c.event_type, change.c.resource_name])
    assert await names(of, notes, scope="NoteRead") == [
        f"notes/{number}" for number in (0, 2, 4, 6)
    ]
    assert await names(of, notes, scope="notes/1") == ["notes/1"]
    assert await names(of, notes, scope="notes/1", event_type="NoteRead") == []
    assert await names(of, notes, scope="stranger") == []
    assert len(await names(of, notes, scope=None)) == 7


async def test_a_list_without_parties_is_open_to_all(notes: Database) -> None:
    assert len(await names(listing(), notes, scope="stranger")) == 7


async def test_a_combination_of_filters_is_compiled_once(notes: Database) -> None:
    of = listing()
    for _ in range(3):
        await names(of, notes)
        await names(of, notes, event_type="NoteRead")
    assert len(of._statements) == 2


def made_token(key: str) -> str:
    content = [key, read_page(1, "", {}).filters_hash]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize("key", ["x", "", "1.5", "9" * 30, "\0"])
async def test_a_key_of_another_kind_is_refused(notes: Database, key: str) -> None:
    with pytest.raises(PageTokenInvalid):
        await listing().fetch(notes, read_page(1, made_token(key), {}), scope=None)


@pytest.mark.parametrize("key", ["\0", "a\0"])
async def test_a_key_of_text_that_no_column_holds_is_refused(notes: Database, key: str) -> None:
    of = Listing(select(subscription_cursor), key=subscription_cursor.c.source, filters={})
    with pytest.raises(PageTokenInvalid):
        await of.fetch(notes, read_page(1, made_token(key), {}), scope=None)


async def test_who_is_a_party_twice_sees_a_record_once(notes: Database) -> None:
    of = listing(parties=[change.c.event_type, change.c.event_type])
    for size in (1, 3, 100):
        assert await names(of, notes, scope="NoteRead", size=size) == [
            f"notes/{number}" for number in (0, 2, 4, 6)
        ]


async def test_one_row_is_found_by_its_id_by_who_may_see_it(notes: Database) -> None:
    of = listing(key=change.c.resource_name, parties=[change.c.event_type])
    row = await of.get(notes, "notes", "notes/1", scope="NoteWritten")
    assert row["resource_name"] == "notes/1"
    assert await of.find(notes, "notes/1", scope="NoteRead") is None
    with pytest.raises(ResourceNotFound, match=r"notes/notes/1"):
        await of.get(notes, "notes", "notes/1", scope="NoteRead")
