"""Repeating a call repeats its answer, never its effect, whatever the command does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy import BigInteger, bindparam, insert, text

from chassis import changes, db
from chassis.db import Database, Transaction
from chassis.errors import DomainError, EtagMismatch, RequestIdReused, ServiceUnavailable
from chassis.identity import Caller
from chassis.requests import Commands
from chassis.tables import unsequenced
from tests.chassis.conftest import ENCODERS, Note, origin

_KEEP = db.compile(insert(unsequenced).values(change_id=bindparam("change_id", type_=BigInteger)))


@dataclass(slots=True)
class Call:
    caller: Caller
    method: str
    origin: changes.Origin


@dataclass(slots=True)
class Request:
    request_id: str
    body: bytes = b""

    def SerializeToString(self, *, deterministic: bool) -> bytes:  # noqa: N802 - as protobuf names it
        assert deterministic
        return self.body


@dataclass
class Desk:
    """Commands that write notes: the version rises with each write, refused ones are listed."""

    database: Database
    versions: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    presented: list[tuple[str, str]] = field(default_factory=list)
    fail_to_present: bool = False

    def __post_init__(self) -> None:
        self.commands = Commands(self.database, ENCODERS, self._present, request_key=bytes(32))

    async def _present(self, messages: Sequence[Message], caller: Caller) -> None:
        if self.fail_to_present:
            raise ServiceUnavailable
        for each in messages:
            assert isinstance(each, StringValue)
            self.presented.append((caller.subject, each.value))

    async def work(self, tx: Transaction, items: Sequence[str]) -> list[Note | DomainError]:
        # An effect beside the changes, which a call of which nothing is done must not leave.
        await tx.execute(_KEEP, change_id=uuid4().int % 2**40 + 2**40)
        results: list[Note | DomainError] = []
        for item in items:
            if item in self.refused:
                results.append(EtagMismatch(expected="1", actual="2"))
                continue
            version = self.versions[item] = self.versions.get(item, 0) + 1
            note = Note(f"notes/{item}", f"{item} {version}", version=version)
            tx.note([note])
            results.append(note)
        return results

    async def write(
        self,
        *items: str,
        request_id: str,
        subject: str = "u1",
        organisation: str = "alpha",
        method: str = "Write",
    ) -> list[str]:
        call = Call(Caller(subject, organisation, frozenset()), method, origin(organisation))
        request = Request(request_id, repr(items).encode())
        answers = await self.commands.many(call, request, items, self.work)
        return [
            each.reason if isinstance(each, DomainError) else getattr(each, "value", "")
            for each in answers
        ]

    async def count(self, table: str) -> int:
        query = db.compile(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - of this file
        return int(await self.database.fetch_value(query))


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def request_id() -> str:
    return str(uuid4())


async def test_a_repeat_is_answered_with_what_was_written_then(desk: Desk, request_id: str) -> None:
    first = await desk.write("a", "b", request_id=request_id)
    await desk.write("a", request_id=str(uuid4()))
    assert first == ["a 1", "b 1"]
    for _ in range(3):
        assert await desk.write("a", "b", request_id=request_id) == first
    assert await desk.count("change") == 3


async def test_a_repeat_is_presented_to_whoever_repeats_it(desk: Desk, request_id: str) -> None:
    await desk.write("a", request_id=request_id)
    await desk.write("a", request_id=request_id, subject="colleague")
    assert desk.presented == [("u1", "a 1"), ("colleague", "a 1")]


async def test_refusals_are_not_remembered(desk: Desk, request_id: str) -> None:
    desk.refused = {"a"}
    assert await desk.write("a", request_id=request_id) == ["ETAG_MISMATCH"]
    assert (await desk.count("request"), await desk.count("unsequenced")) == (0, 0)
    # So that the call may even be another one.
    assert await desk.write("b", request_id=request_id) == ["b 1"]


async def test_a_repeat_completes_what_was_refused_and_only_that(
    desk: Desk, request_id: str
) -> None:
    desk.refused = {"b", "d"}
    reasons = ["a 1", "ETAG_MISMATCH", "c 1", "ETAG_MISMATCH"]
    assert await desk.write("a", "b", "c", "d", request_id=request_id) == reasons
    desk.refused = {"b"}
    completed = ["a 1", "ETAG_MISMATCH", "c 1", "d 1"]
    for _ in range(2):
        assert await desk.write("a", "b", "c", "d", request_id=request_id) == completed
    assert await desk.count("change") == 3


async def test_another_body_under_a_remembered_id_is_refused(desk: Desk, request_id: str) -> None:
    await desk.write("a", request_id=request_id)
    with pytest.raises(RequestIdReused) as raised:
        await desk.write("b", request_id=request_id)
    assert raised.value.metadata == {"request_id": request_id}
    assert await desk.count("change") == 1


async def test_an_id_is_one_of_an_organisation_and_a_method(desk: Desk, request_id: str) -> None:
    await desk.write("a", request_id=request_id)
    await desk.write("b", request_id=request_id, organisation="beta")
    await desk.write("c", request_id=request_id, method="Other")
    assert await desk.count("change") == 3


async def test_an_answer_that_could_not_be_presented_is_had_by_a_repeat(
    desk: Desk, request_id: str
) -> None:
    desk.fail_to_present = True
    with pytest.raises(ServiceUnavailable):
        await desk.write("a", request_id=request_id)
    desk.fail_to_present = False
    assert await desk.write("a", request_id=request_id) == ["a 1"]
    assert await desk.count("change") == 1


async def test_one_item_is_answered_or_its_refusal_raised(desk: Desk) -> None:
    call = Call(Caller("u1", "alpha", frozenset()), "Write", origin())
    answer = await desk.commands.one(call, Request(str(uuid4())), "a", desk.work)
    assert answer == StringValue(value="a 1")
    desk.refused = {"b"}
    with pytest.raises(EtagMismatch):
        await desk.commands.one(call, Request(str(uuid4())), "b", desk.work)


async def test_no_body_is_kept_that_could_be_guessed(desk: Desk, request_id: str) -> None:
    await desk.write("a", request_id=request_id)
    other = Commands(desk.database, ENCODERS, desk._present, request_key=bytes([1]) * 32)
    assert other._digest(Request(request_id)) != desk.commands._digest(Request(request_id))
    (row,) = await desk.database.fetch(db.compile(text("SELECT * FROM request")))
    assert b"('a',)" not in b"".join(value for value in row.values() if isinstance(value, bytes))
