"""Runs commands as the edge does: once for each request id, in a transaction, with change rows.

It knows the way of a batch, so that a test begins where it wants to look.
"""

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
from google.protobuf.message import Message
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch
from sqlalchemy import text

from chassis import changes, db
from chassis.changes import Origin
from chassis.db import Database
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.requests import Commands
from chassis.sealed import Sealer
from chassis.working_days import count_working_days
from services.transfer import app
from services.transfer.commands.change_copies import change_copies
from services.transfer.domain.policy import Policy
from tests.transfer.aggregates import BACK, FRONT

T = TypeVar("T")
Answer = Message | DomainError
Command = Callable[..., Awaitable[Sequence[Any]]]
# Of every member who is a person with a key.
NAME = "王芳"
TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
# At noon in Shanghai on the first day of the notice.
NOW = datetime(2023, 4, 10, 4, tzinfo=UTC)


def at(day: date) -> datetime:
    """Return noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass(slots=True)
class Call:
    """The call that a command answers."""

    caller: Caller
    method: str
    origin: Origin


@dataclass(slots=True)
class Request:
    """A request message of which only identity and content matter."""

    request_id: str
    content: bytes

    def SerializeToString(self, *, deterministic: bool) -> bytes:  # noqa: N802 - as protobuf names it
        assert deterministic
        return self.content


class WatchedDatabase(Database):
    """Counts why attempts of transactions ended without a commit."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.failures: Counter[str] = Counter()

    async def _attempt(self, work: Callable[[db.Transaction], Awaitable[T]]) -> T:
        try:
            return await super()._attempt(work)
        except Exception as error:
            self.failures[type(error).__name__] += 1
            raise


class Desk:
    """Acts for both schools on one database."""

    def __init__(self, database: Database, keys: KeyStore | None = None) -> None:
        """Take the key store for members who are persons with a key and a name."""
        self.database = database
        self._keys = keys
        self._commands = Commands(database, app.ENCODERS, _leave_sealed, request_key=bytes(32))

    @property
    def failures(self) -> Counter[str]:
        """Why attempts of transactions ended without a commit, on a watched database."""
        assert isinstance(self.database, WatchedDatabase)
        return self.database.failures

    async def many(
        self,
        command: Command,
        *items: Any,
        party: str,
        subject: str = "",
        request_id: str = "",
        now: datetime = NOW,
    ) -> list[Answer]:
        """Run a command on items; return a resource or a refusal for each."""
        caller = Caller(subject or f"{party}-approver", party, frozenset())
        call = Call(caller, command.__name__, Origin(caller.subject, party, now, TRACE))
        facts = {
            "caller": caller,
            "now": now,
            "policy": Policy(),
            "count_working_days": count_working_days,
        }
        wanted = inspect.signature(command).parameters
        given = {name: value for name, value in facts.items() if name in wanted}

        async def work(tx: db.Transaction, some: Sequence[Any]) -> Sequence[Any]:
            return await command(tx, some, **given)

        request = Request(request_id or str(uuid4()), repr(items).encode())
        return await self._commands.many(call, request, items, work)

    async def one(self, command: Command, item: Any, **facts: Any) -> Any:
        """Run a command on one item; return its resource, or raise its refusal."""
        (answer,) = await self.many(command, item, **facts)
        if isinstance(answer, DomainError):
            raise answer
        return answer

    async def hear(self, command: Command, *items: Any) -> None:
        """Run a command that an event of another service asks for."""

        async def work(tx: db.Transaction) -> None:
            await command(tx, items)
            await changes.record(tx, app.ENCODERS, Origin("system:transfer", "suite", NOW, TRACE))

        await self.database.transact(work)

    async def race(
        self, *calls: Awaitable[list[Answer]], held: str, then: Sequence[Any] = ()
    ) -> list[list[Answer] | BaseException]:
        """Run calls at the same time, truly: all get as far as a lock that is held for them.

        `held` is the statement that takes the lock. It is given up when every call waits, for it
        or for another call, or has ended; those of `then` begin when the others wait.
        """
        async with self.database.connection() as holder:
            async with holder.transaction():
                await holder.execute(held)
                running = [asyncio.ensure_future(each) for each in calls]
                await _until_waiting(holder, running)
                running += [asyncio.ensure_future(each) for each in then]
                await _until_waiting(holder, running)
            return await asyncio.gather(*running, return_exceptions=True)

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Return what a query finds."""
        return [dict(row) for row in await self.database.fetch(db.compile(text(query)), **params)]

    async def know_project(self, **changes: Any) -> UUID:
        """Take over a pathway project, as from an event of enrollment."""
        row = {
            "id": uuid4(),
            "version": 1,
            "sha256": bytes(32),
            "state": "APPROVED",
            "front": FRONT,
            "back": BACK,
            "back_plan": 2_000,
            "transfer_year": 2023,
        } | changes
        await self.database.transact(lambda tx: change_copies(tx, "pathwayProjects", [row]))
        return UUID(str(row["id"]))

    async def know_members(self, project_id: UUID, count: int, **changes: Any) -> list[UUID]:
        """Take over members of a project's cohort, as from events of enrollment."""
        rows = [
            {
                "id": uuid4(),
                "version": 1,
                "sha256": bytes(32),
                "state": "ACTIVE",
                "project_id": project_id,
                "person_id": uuid4(),
                "birth_year": 2004,
                "sealed_display_name": b"sealed",
            }
            | changes
            for _ in range(count)
        ]
        if self._keys is not None:
            persons: list[Any] = [row["person_id"] for row in rows]
            keys = await self._keys.create_many(persons)
            for row, person_id in zip(rows, persons, strict=True):
                row["sealed_display_name"] = Sealer.seal(
                    keys[person_id], person_id, "display_name", NAME
                )
        await self.database.transact(lambda tx: change_copies(tx, "cohortMembers", rows))
        return [row["id"] for row in rows]  # type: ignore[misc] # a UUID

    async def application(self, application_id: UUID) -> dict[str, Any]:
        (row,) = await self.rows("SELECT * FROM application WHERE id = :id", id=application_id)
        return row

    async def places(self) -> list[tuple[int, int, int, int]]:
        """Return quota, reserved, admitted and lapsed of each batch; they are what states say.

        A place is reserved by who is proposed, admitted with a live admission, and never given
        to another: the table's own check must never be what holds.
        """
        counted = await self.rows(
            """
            SELECT b.quota, b.reserved, b.admitted, b.lapsed, b.plan,
              count(*) FILTER (WHERE a.state IN ('PROPOSED', 'OBJECTED')) AS are_reserved,
              count(*) FILTER (WHERE a.state IN
                ('ADMITTED', 'ARRIVED', 'RETAINED', 'REGISTERED')) AS are_admitted
            FROM transfer_batch b LEFT JOIN application a ON a.batch_id = b.id
            GROUP BY b.id ORDER BY b.id
            """
        )
        for row in counted:
            assert (row["reserved"], row["admitted"]) == (row["are_reserved"], row["are_admitted"])
            assert row["reserved"] + row["admitted"] + row["lapsed"] <= row["quota"] <= row["plan"]
        return [(row["quota"], row["reserved"], row["admitted"], row["lapsed"]) for row in counted]


async def _until_waiting(
    holder: asyncpg.Connection, running: Sequence[asyncio.Future[Any]]
) -> None:
    async with asyncio.timeout(20):
        while True:
            await holder.execute("SELECT pg_stat_clear_snapshot()")
            waiting = await holder.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if waiting + sum(each.done() for each in running) >= len(running):
                return
            await asyncio.sleep(0.01)


async def _leave_sealed(messages: Sequence[Message], caller: Caller) -> None:
    """Present nothing: what a caller may read is tested with the edge."""


def target(resource: Application | TransferBatch | Any) -> dict[str, Any]:
    """Return the version of a resource that was read, as the target of a command."""
    return {"id": id_of(resource), "etag": resource.etag}


def id_of(resource: Any) -> UUID:
    return UUID(resource.name.partition("/")[2])


def reasons(answers: Sequence[Answer]) -> list[str]:
    """Return the state that each answer has, or why it was refused."""
    return [each.reason if isinstance(each, DomainError) else _state_of(each) for each in answers]


def counted(answers: Sequence[list[Answer] | BaseException]) -> Counter[str]:
    """Return how often each state or reason was answered; raises what was raised instead."""
    found: Counter[str] = Counter()
    for each in answers:
        if isinstance(each, BaseException):
            raise each
        found.update(reasons(each))
    return found


def _state_of(message: Any) -> str:
    return str(type(message).State.Name(message.state)).removeprefix("STATE_")
