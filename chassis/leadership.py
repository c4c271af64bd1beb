"""One active worker among all processes of a service, by an advisory lock of its database.

The lock lives on a connection of its own: when its holder dies, the database frees it and
another takes over; when the connection is lost, the holder stops working. Between the two a
paused holder may work beside its successor, so the work must guard each write by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg
from sqlalchemy import BigInteger, Text, bindparam, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from chassis import db
from chassis.logs import get_logger
from chassis.tasks import end
from chassis.temporary import Backoff, describe, is_outage

RELAY: Final = "relay"

_log = get_logger(__name__)
_TRY_S = 0.25
_CHECK_S = 0.5
_ANSWER_S = 2.0


def lock_key(name: Any) -> ColumnElement[int]:
    """Return the number that PostgreSQL locks for a name."""
    return func.hashtextextended(cast(name, Text), cast(0, BigInteger))


_TRY = db.compile(select(func.pg_try_advisory_lock(lock_key(bindparam("name")))))
_FREE = db.compile(select(func.pg_advisory_unlock(lock_key(bindparam("name")))))


async def lead(database: db.Database, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` whenever this process holds the lock `name`, until cancelled.

    `work` is cancelled when the lock is lost. What `work` raises is raised here, except that
    outages of the database lead to another try.
    """
    backoff = Backoff()
    while True:
        try:
            async with _held(database, name) as connection:
                if connection is not None:
                    backoff.reset()
                    _log.info("leading", lock=name)
                    await _work_while_held(connection, name, work)
        except Exception as error:
            if not is_outage(error):
                raise
            _log.warning("leading interrupted", lock=name, error=describe(error))
            await asyncio.sleep(backoff.next_s())
            continue
        await asyncio.sleep(_TRY_S)


@asynccontextmanager
async def _held(database: db.Database, name: str) -> AsyncIterator[asyncpg.Connection | None]:
    """Try the lock; a connection that did not get it goes back to the pool at once."""
    async with database.connection() as connection:
        if await _take(connection, name):
            try:
                yield connection
            finally:
                await _give_back(connection, name)
            return
    yield None


async def _take(connection: asyncpg.Connection, name: str) -> bool:
    """Try the lock; without an answer it may be held all the same, so the session is ended."""
    try:
        return bool(await connection.fetchval(_TRY.sql, *_TRY.arguments({"name": name})))
    except BaseException:
        _end_session(connection)
        raise


async def _give_back(connection: asyncpg.Connection, name: str) -> None:
    """Free the lock, or else end the session that holds it: the pool resets nothing."""
    try:
        await connection.fetchval(_FREE.sql, *_FREE.arguments({"name": name}), timeout=_ANSWER_S)
    except BaseException as error:
        _end_session(connection)
        if not isinstance(error, Exception):
            raise


def _end_session(connection: asyncpg.Connection) -> None:
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _work_while_held(
    connection: asyncpg.Connection, name: str, work: Callable[[], Awaitable[None]]
) -> None:
    worker = asyncio.ensure_future(work())
    try:
        while not worker.done():
            await asyncio.wait([worker], timeout=_CHECK_S)
            if not worker.done() and not await _is_alive(connection):
                _log.warning("lock lost", lock=name)
                return
        worker.result()
    finally:
        await end(worker)


async def _is_alive(connection: asyncpg.Connection) -> bool:
    try:
        await connection.execute("SELECT 1", timeout=_ANSWER_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return False
    return True
