"""The one way to the database: statements compiled once, and the only commit of the code.

Statements are written in SQLAlchemy Core, compiled once to SQL with numbered parameters and run
on asyncpg. No other module begins, commits or rolls back a transaction. This module must not
know what a transaction is for.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias, TypeVar, cast

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as sqlalchemy_asyncpg
from sqlalchemy.sql.expression import ClauseElement

from chassis.errors import ServiceBusy

# A row by column names; what asyncpg returns is one, though it does not say so.
Row: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

ATTEMPTS_MAX = 6
_DELAY_FIRST_S = 0.005
_LOCK_TIMEOUT_MS = 5_000
_STATEMENT_TIMEOUT_MS = 60_000
_IDLE_TIMEOUT_MS = 60_000
_CLOSE_S = 5
# Transactions find rows by keys: one plan serves all values, so it is made once a connection. It
# follows the indexes, for it must still serve when a table that was empty has grown. Reads outside
# transactions are planned with their values.
BEGIN = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; "
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
)
# A count over very many rows: a plan that is made without its values may look at each of a table
# for each of another. A snapshot that writes nothing needs no locks.
_COUNT = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan"
)
_DIALECT = sqlalchemy_asyncpg.dialect()  # type: ignore[no-untyped-call]


class VersionConflict(Exception):
    """A guarded write found another version than the one that was read: run again."""


class RequestRaced(Exception):
    """The same request was committed by another call meanwhile: run again, to find its answer."""


class _Connection(asyncpg.Connection):
    """A pooled connection that no code gives session state to, so that none is reset."""

    def get_reset_query(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters, their names in order, and values that it carries itself."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]

    def arguments(self, params: dict[str, Any]) -> list[Any]:
        """Return the values in order; a name too few or too many is a TypeError."""
        if len(params) + len(self.constants) != len(self.names):
            msg = f"expected {sorted(set(self.names) - set(self.constants))}, got {sorted(params)}"
            raise TypeError(msg)
        if not self.constants:
            return [params[name] for name in self.names]
        constants = self.constants
        return [params[name] if name in params else constants[name] for name in self.names]


def compile(statement: ClauseElement) -> Statement:  # noqa: A001 - read as db.compile(...)
    """Compile a Core statement once; call it at import time, never per request.

    A list is one parameter: write `column == any_(bindparam(..., type_=ARRAY(Text)))`. `in_` has
    a parameter for each value, known only when it runs, and is refused.
    """
    compiled = cast("Any", statement.compile(dialect=_DIALECT))
    if "[POSTCOMPILE" in str(compiled):
        msg = "`in_` cannot be compiled once: use any_() with an array"
        raise TypeError(msg)
    # Numbered parameters: a name that is used twice has one number.
    names = tuple(dict.fromkeys(compiled.positiontup or ()))
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return Statement(sql=str(compiled), names=names, constants=constants)


class Reader:
    """Runs statements on one connection, or on any of the pool when outside a transaction."""

    __slots__ = ("_source",)

    def __init__(self, source: asyncpg.Connection | asyncpg.Pool) -> None:
        self._source = source

    async def fetch(self, statement: Statement, **params: Any) -> list[Row]:
        """Return all rows."""
        rows = await self._source.fetch(statement.sql, *statement.arguments(params))
        return cast("list[Row]", rows)

    async def fetch_one(self, statement: Statement, **params: Any) -> Row | None:
        """Return the first row, or None."""
        row = await self._source.fetchrow(statement.sql, *statement.arguments(params))
        return cast("Row | None", row)

    async def fetch_value(self, statement: Statement, **params: Any) -> Any:
        """Return the first column of the first row, or None."""
        return await self._source.fetchval(statement.sql, *statement.arguments(params))

    async def execute(self, statement: Statement, **params: Any) -> int:
        """Run a statement and return the number of rows that it wrote."""
        tag = await self._source.execute(statement.sql, *statement.arguments(params))
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


@dataclass(slots=True)
class _Pending:
    """What a transaction has changed and not yet recorded."""

    facts: list[Any] = field(default_factory=list)
    has_changes: bool = False
    # What was encoded of the facts already, by `id()`: see changes.encoding_ahead.
    encoded: dict[int, Any] = field(default_factory=dict)
    noted: asyncio.Event = field(default_factory=asyncio.Event)


class Transaction(Reader):
    """A running transaction. Stores `note` the aggregates that they wrote; changes records them."""

    __slots__ = ("pending",)

    def __init__(self, connection: asyncpg.Connection) -> None:
        super().__init__(connection)
        self.pending = _Pending()

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows by COPY: the cheapest way for many; a broken constraint fails them all."""
        await self._source.copy_records_to_table(table, columns=columns, records=rows)

    def note(self, aggregates: Sequence[Any]) -> None:
        """Remember written aggregates, each once, for their change rows."""
        self.pending.facts.extend(aggregates)
        self.pending.noted.set()


_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_RETRYABLE = (
    VersionConflict,
    RequestRaced,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)


class Database(Reader):
    """A pool of connections to one database."""

    __slots__ = ("_committed", "_pool")

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._pool = pool
        self._committed: list[Callable[[], None]] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, *, pool_size: int, application_name: str) -> AsyncIterator[Self]:
        """Open a pool; statements and waits for locks are bounded on the server's side."""
        pool = await asyncpg.create_pool(
            dsn,
            min_size=min(2, pool_size),
            max_size=pool_size,
            connection_class=_Connection,
            command_timeout=_STATEMENT_TIMEOUT_MS / 1000,
            max_inactive_connection_lifetime=0,
            server_settings={
                "application_name": application_name,
                "lock_timeout": str(_LOCK_TIMEOUT_MS),
                "statement_timeout": str(_STATEMENT_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(_IDLE_TIMEOUT_MS),
                "timezone": "UTC",
                # A machine that vanished holds its locks, and with them the lead, until the server
                # notices: by default that takes hours.
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
                # Compiling a plan takes longer than any statement here should.
                "jit": "off",
            },
        )
        try:
            yield cls(pool)
        finally:
            try:
                async with asyncio.timeout(_CLOSE_S):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call back after each commit that recorded changes: it wakes the sequencer."""
        self._committed.append(callback)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend one connection for session state that outlives a transaction (advisory locks)."""
        async with self._pool.acquire() as lent:
            yield cast("asyncpg.Connection", lent)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a READ COMMITTED transaction and commit; **the only commit**.

        Runs it again, from the start and at most ATTEMPTS_MAX times, on a conflict with another
        transaction. Raises ServiceBusy when the conflicts do not end or a lock is not to be had.
        An error of `work` rolls everything back. A connection lost during the commit leaves it
        unknown whether it was done: the error of asyncpg passes through.
        """
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                # Spreads competitors; not security.
                await asyncio.sleep(_DELAY_FIRST_S * 2**attempt * random.random())  # noqa: S311
            try:
                return await self._attempt(work)
            except _RETRYABLE:
                continue
            except asyncpg.LockNotAvailableError as error:
                raise ServiceBusy(retry_after_ms=1000) from error
        raise ServiceBusy(retry_after_ms=1000)

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[Transaction]:
        """Lend a transaction that is rolled back at the end, whatever was done in it.

        It holds its locks until then, so whoever uses it bounds how long. Nothing is run again:
        a conflict is a ServiceBusy.
        """
        async with self._pool.acquire() as connection:
            try:
                await connection.execute(BEGIN)
                yield Transaction(cast("asyncpg.Connection", connection))
            except (*_RETRYABLE, asyncpg.LockNotAvailableError) as error:
                raise ServiceBusy(retry_after_ms=1000) from error
            finally:
                with suppress(*_LOST):
                    await connection.execute("ROLLBACK")

    def counting(self) -> Reader:
        """Return a reader for counts over very many rows: each is planned with its values.

        Others are as long as that is cheap, and then without: the server sees after some runs
        which plan looks cheaper, and knows too little to see it of these.
        """
        return Reader(cast("asyncpg.Pool", _Counting(self._pool)))

    async def commit_one(self, statement: Statement, **params: Any) -> list[Row]:
        """Run one statement that writes, as a transaction of its own; return its rows.

        It is committed when this returns. For what has no change row, such as the log of accesses;
        it is not run again, and nothing may be noted by it.
        """
        try:
            return await self.fetch(statement, **params)
        except asyncpg.LockNotAvailableError as error:
            raise ServiceBusy(retry_after_ms=1000) from error

    async def _attempt(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self._pool.acquire() as connection:
            transaction = Transaction(cast("asyncpg.Connection", connection))
            try:
                await connection.execute(BEGIN)
                result = await work(transaction)
                ended = await connection.execute("COMMIT")
            except BaseException:
                # A connection that was lost has rolled back by itself; the first error counts.
                with suppress(*_LOST):
                    await connection.execute("ROLLBACK")
                raise
        if ended != "COMMIT":
            raise RuntimeError("not committed: a failed statement was passed over")
        if transaction.pending.has_changes:
            for callback in self._committed:
                callback()
        return result


class _Counting:
    """A pool for reads alone, with a plan for each."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        async with self._begun() as connection:
            return await connection.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        async with self._begun() as connection:
            return await connection.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        async with self._begun() as connection:
            return await connection.fetchval(sql, *arguments)

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._pool.acquire() as connection:
            try:
                await connection.execute(_COUNT)
                yield cast("asyncpg.Connection", connection)
            finally:
                with suppress(*_LOST):
                    await connection.execute("ROLLBACK")
