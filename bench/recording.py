"""The statements of one SubmitApplication, recorded from the product's own command as it runs.

So the bare handler runs what the product runs, today and after any change of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast
from uuid import UUID

from bench.drafts import ETAG, FRONT, SUBMIT, submission
from chassis.changes import Origin
from chassis.db import Database, Row, Statement, Transaction
from chassis.foundation import key_store
from chassis.identity import Caller
from chassis.interceptors import Call
from chassis.presenting import Presenter, parties_by_fields
from chassis.requests import Commands
from chassis.settings import Settings
from services.transfer.app import ENCODERS
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications

T = TypeVar("T")
_VARYING = ("id", "batch_id", "project_id", "member_id", "person_id")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A statement as it was sent."""

    sql: str
    names: tuple[str, ...]
    arguments: list[Any]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The statements between BEGIN and COMMIT, the answer, and the values that vary by call."""

    statements: list[Recorded]
    answer: bytes
    known: Mapping[str, Any]

    def varying(self, statement: Recorded) -> list[tuple[int, Any, bool]]:
        """Return where a statement holds a value that varies: index, value, whether in an array."""
        found = []
        varying = set(self.known.values())
        for index, argument in enumerate(statement.arguments):
            is_array = isinstance(argument, list) and len(argument) == 1
            value = argument[0] if is_array else argument
            if isinstance(value, UUID | str) and value in varying:
                found.append((index, value, is_array))
        return found


class _RecordingTransaction:
    """Passes statements on to a transaction and keeps them."""

    def __init__(self, tx: Transaction, kept: list[tuple[Recorded, list[Row]]]) -> None:
        self._tx = tx
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def fetch(self, statement: Statement, **params: Any) -> list[Row]:
        rows = await self._tx.fetch(statement, **params)
        self._keep(statement, params, rows)
        return rows

    async def fetch_one(self, statement: Statement, **params: Any) -> Row | None:
        row = await self._tx.fetch_one(statement, **params)
        self._keep(statement, params, [] if row is None else [row])
        return row

    async def execute(self, statement: Statement, **params: Any) -> int:
        self._keep(statement, params, [])
        return await self._tx.execute(statement, **params)

    def _keep(self, statement: Statement, params: dict[str, Any], rows: list[Row]) -> None:
        arguments = statement.arguments(params)
        recorded = Recorded(sql=statement.sql, names=statement.names, arguments=arguments)
        self._kept.append((recorded, rows))


class _RecordingDatabase(Database):
    kept: list[tuple[Recorded, list[Row]]]

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self.kept = []
        return await super().transact(
            lambda tx: work(cast("Transaction", _RecordingTransaction(tx, self.kept)))
        )


async def record(settings: Settings, application_id: UUID) -> Recording:
    """Submit a draft by the product's own command and return what it sent."""
    async with (
        _RecordingDatabase.open(
            settings.database_dsn, pool_size=1, application_name="bench"
        ) as database,
        key_store(settings) as keys,
    ):
        present = Presenter(keys, parties_by_fields("front_organisation", "back_organisation"))
        commands = Commands(database, ENCODERS, present, request_key=bytes(32))
        request = submission(application_id)
        work = partial(submit_applications, caller=_CALL.caller)
        item = SubmitApplication(id=application_id, etag=ETAG)
        answer = await commands.one(_CALL, request, item, work)
        kept = database.kept
    row = next(rows[0] for _, rows in kept if rows and "member_id" in rows[0])
    statements = [each for each, _ in kept]
    known = {name: row[name] for name in _VARYING}
    known |= {
        "name": request.name,
        "request_id": UUID(request.request_id),
        "event_id": _argument(statements, "event_id")[0],
    }
    return Recording(statements=statements, answer=answer.SerializeToString(), known=known)


def _argument(statements: list[Recorded], name: str) -> Any:
    return next(each.arguments[each.names.index(name)] for each in statements if name in each.names)


_CALL = Call(
    caller=Caller(subject=f"{FRONT}-bench", organisation=FRONT, roles=frozenset({"registrar"})),
    method=SUBMIT,
    origin=Origin(
        actor=f"{FRONT}-bench",
        organisation=FRONT,
        business_time=datetime.now(UTC),
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
    ),
    scope=FRONT,
)
