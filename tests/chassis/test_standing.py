"""Who may act for a party on a day, and who goes on with the records of one that has ended."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from chassis import standing as module
from chassis.changes import Origin
from chassis.db import Database, Transaction
from chassis.errors import DomainError, Kind, NotYetKnown
from chassis.identity import Caller
from chassis.standing import (
    Link,
    Standing,
    StandingCommands,
    StandingRefusals,
    StandIns,
    find_standings,
    holder_at,
    note_standing,
)
from tests.chassis.conftest import ENCODERS, Note, Suite

END = date(2023, 7, 1)


class Blocked(DomainError):
    kind = Kind.FAILED_PRECONDITION
    zh = en = "{name}"


class Ended(DomainError):
    kind = Kind.FAILED_PRECONDITION
    zh = en = "{name} {end_date} {successors}"


class NotStandIn(DomainError):
    kind = Kind.PERMISSION_DENIED
    zh = en = "{party} {name}"


REFUSALS = StandingRefusals(blocked=Blocked, ended=Ended, not_stand_in=NotStandIn)


@pytest.fixture
async def database(suite: Suite) -> AsyncIterator[Database]:
    async with suite.database() as database:
        connection = await asyncpg.connect(suite.dsns[database])
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        await connection.execute(str(CreateTable(module.party_standing).compile(dialect=dialect)))
        await connection.close()
        yield database


async def note(database: Database, party: str, *links: tuple[str, date], **facts: Any) -> None:
    made = tuple(Link(party=each, effective_date=day) for each, day in links)
    given: dict[str, Any] = {"version": 1, "is_blocked": False, "end_date": None, **facts}
    known = Standing(party=party, links=made, **given)
    await database.transact(lambda tx: note_standing(tx, known))


async def test_an_older_version_changes_nothing(database: Database) -> None:
    await note(database, "alpha", ("beta", END), version=3, end_date=END)
    await note(database, "alpha", version=2)
    found = (await find_standings(database, ["alpha"]))["alpha"]
    assert (found.version, found.end_date) == (3, END)
    await note(database, "alpha", version=4, is_blocked=True)
    found = (await find_standings(database, ["alpha", "beta"]))["alpha"]
    assert (found.is_blocked, found.links) == (True, ())


@pytest.mark.parametrize(
    ("on", "holder"),
    [
        ("2023-06-30", "alpha"),
        ("2023-07-01", "beta"),
        ("2024-06-30", "beta"),
        ("2024-07-01", "gamma"),
    ],
)
async def test_the_holder_of_records_follows_the_links_onward_in_time(
    database: Database, on: str, holder: str
) -> None:
    await note(database, "alpha", ("beta", END), end_date=END)
    # What beta gave away before it took over alpha's is of no matter to alpha's.
    later = date(2024, 7, 1)
    await note(database, "beta", ("delta", date(2022, 7, 1)), ("gamma", later), end_date=later)
    await note(database, "gamma")
    assert await holder_at(database, "alpha", date.fromisoformat(on)) == holder


@dataclass
class Call:
    caller: Caller
    origin: Origin
    method: str = "m"


@dataclass
class Request:
    request_id: str

    def SerializeToString(self, *, deterministic: bool) -> bytes:  # noqa: N802 - as messages do
        return self.request_id.encode() * deterministic


@dataclass
class Changing(Request):
    etag: str = "1"


def caller(organisation: str) -> Caller:
    return Caller("user", organisation, frozenset())


@pytest.mark.parametrize(
    ("who", "acting_for", "day", "refused"),
    [
        ("beta", "alpha", "2023-09-01", None),
        ("alpha", "alpha", "2023-09-01", None),
        ("beta", "alpha", "2023-06-30", "NOT_STAND_IN"),
        ("gamma", "alpha", "2023-09-01", "NOT_STAND_IN"),
        ("beta", "gamma", "2023-09-01", "NOT_STAND_IN"),
        ("alpha", "beta", "2023-09-01", "NOT_STAND_IN"),
        ("beta", "unheard", "2023-09-01", "NOT_YET_KNOWN"),
    ],
)
async def test_who_took_over_stands_in_from_the_day_on_and_nobody_else(
    database: Database, who: str, acting_for: str, day: str, refused: str | None
) -> None:
    await note(database, "alpha", ("beta", END), end_date=END)
    for each in ("beta", "gamma"):
        await note(database, each)
    stand_in = StandIns(database, REFUSALS)
    now = datetime.fromisoformat(day).replace(hour=4, tzinfo=UTC)
    if refused is None:
        assert (await stand_in(caller(who), acting_for, now)).organisation == acting_for
        return
    with pytest.raises(DomainError) as raised:
        await stand_in(caller(who), acting_for, now)
    assert raised.value.reason == refused
    assert isinstance(raised.value, NotYetKnown) is (refused == "NOT_YET_KNOWN")


@pytest.mark.parametrize(
    ("parties", "kind", "refuses_new", "refused"),
    [
        (("beta", "beta"), Request, True, None),
        (("blocked", "blocked"), Changing, True, "BLOCKED"),
        (("alpha", "alpha"), Changing, True, "ENDED"),
        # The stand-in goes on with what there is, and where that is so, records what is new.
        (("beta", "alpha"), Changing, True, None),
        (("beta", "alpha"), Request, True, "ENDED"),
        (("beta", "alpha"), Request, False, None),
        (("unheard", "unheard"), Request, True, None),
    ],
)
async def test_nobody_acts_for_a_party_that_is_blocked_or_has_ended(
    database: Database,
    parties: tuple[str, str],
    kind: Any,
    *,
    refuses_new: bool,
    refused: str | None,
) -> None:
    own, acting_for = parties
    await note(database, "alpha", ("beta", END), end_date=END)
    await note(database, "beta")
    await note(database, "blocked", is_blocked=True)

    async def present(*_: Any) -> None:
        """Leave answers as they are."""

    commands = StandingCommands(
        database,
        ENCODERS,
        present,
        request_key=b"k" * 32,
        refusals=REFUSALS,
        refuses_new=refuses_new,
    )
    origin = Origin("user", own, datetime(2023, 9, 1, 4, tzinfo=UTC), "00")

    async def work(tx: Transaction, _items: Any) -> list[Note]:
        note = Note(f"notes/{uuid4()}")
        tx.note([note])
        return [note]

    call, request = Call(caller(acting_for), origin), kind(str(uuid4()))
    if refused is None:
        await commands.one(call, request, "item", work)
        return
    with pytest.raises(DomainError) as raised:
        await commands.one(call, request, "item", work)
    assert raised.value.reason == refused
