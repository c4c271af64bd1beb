"""Whether every local copy is the same as its source, read from the databases themselves.

No caller may see this, so it goes round the door: it waits until every service has heard all that
the others published, then compares each copy with its source by name, version and hash. It writes
nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from deploy.local.door import Door
from deploy.local.ports import SERVICES
from services.assistance.store.copies import COPIES as ASSISTANCE_COPIES
from services.transfer.store.copies import COPIES as TRANSFER_COPIES

WITHIN_S = 60.0
_LOOK_S = 0.1
# Who hears whom.
SUBSCRIPTIONS: Mapping[str, Collection[str]] = {
    "enrollment": ("transfer",),
    "transfer": ("enrollment",),
    "assistance": ("enrollment", "transfer"),
}
COPIES = {"transfer": TRANSFER_COPIES, "assistance": ASSISTANCE_COPIES}
# Copies that take over a resource at some of its events only.
SELECTIVE: Mapping[tuple[str, str], Collection[str]] = {
    ("assistance", "applications"): ("ApplicationRegistered", "ApplicationCancelled"),
}
_HEAD = "SELECT position FROM head"
_WAITING = "SELECT count(*) FROM unsequenced"
_CURSORS = "SELECT source, position FROM subscription_cursor"
_DEAD = "SELECT count(*) FROM dead_letter WHERE state IN ('FAILED', 'PARKED')"
_SOURCE = """
SELECT DISTINCT ON (resource_name) resource_name, version, resource_sha256
FROM change
WHERE split_part(resource_name, '/', 1) = $1 AND ($2::text[] IS NULL OR event_type = ANY ($2))
ORDER BY resource_name, version DESC
"""

# Name to version and hash.
Versions = dict[str, tuple[int, bytes]]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class NotSettled(Exception):
    """The services did not hear all of each other in time."""


@dataclass(frozen=True, kw_only=True)
class Books:
    """What the databases say once all is quiet."""

    events: int
    dead_letters: int
    differences: list[str]


async def read_books(door: Door) -> Books:
    """Wait until all is heard, then count and compare; raises NotSettled."""
    async with AsyncExitStack() as stack:
        connections = {service: await _connect(stack, door.dsns[service]) for service in SERVICES}
        heads = await _settle(connections)
        dead = [await connections[service].fetchval(_DEAD) for service in SERVICES]
        return Books(
            events=sum(heads.values()),
            dead_letters=sum(dead),
            differences=await _differences(connections),
        )


async def _connect(stack: AsyncExitStack, dsn: str) -> Connection:
    connection = await asyncpg.connect(dsn)
    stack.push_async_callback(connection.close)
    return connection


async def _settle(connections: Mapping[str, Connection]) -> dict[str, int]:
    """Return the heads when nothing has moved between two looks and nobody lags."""
    until = time.monotonic() + WITHIN_S
    before: dict[str, int] = {}
    while True:
        heads = {name: await each.fetchval(_HEAD) for name, each in connections.items()}
        lagging = [text async for text in _lagging(connections, heads)]
        if not lagging and heads == before:
            return heads
        if time.monotonic() > until:
            raise NotSettled(f"After {WITHIN_S:.0f} s: {'; '.join(lagging)}")
        before = heads
        await asyncio.sleep(_LOOK_S)


async def _lagging(
    connections: Mapping[str, Connection], heads: Mapping[str, int]
) -> AsyncIterator[str]:
    for name, connection in connections.items():
        if waiting := await connection.fetchval(_WAITING):
            yield f"{waiting} changes of {name} have no position"
        cursors = {each["source"]: each["position"] for each in await connection.fetch(_CURSORS)}
        for source in SUBSCRIPTIONS[name]:
            if cursors.get(source, 0) != heads[source]:
                yield f"{name} has heard {cursors.get(source, 0)} of {heads[source]} of {source}"


async def _differences(connections: Mapping[str, Connection]) -> list[str]:
    found = []
    for service, sources in COPIES.items():
        for source, tables in sources.items():
            for resource_type, table in tables.items():
                events = SELECTIVE.get((service, resource_type))
                theirs = await _source_versions(connections[source], resource_type, events)
                ours = await _copied_versions(connections[service], resource_type, table.name)
                found += [f"{service}: {each}" for each in _compare(theirs, ours)]
    return found


async def _source_versions(
    connection: Connection, resource_type: str, events: Collection[str] | None
) -> Versions:
    rows = await connection.fetch(_SOURCE, resource_type, events and list(events))
    return {each["resource_name"]: (each["version"], each["resource_sha256"]) for each in rows}


async def _copied_versions(connection: Connection, resource_type: str, table: str) -> Versions:
    rows = await connection.fetch(f'SELECT id::text, version, sha256 FROM "{table}"')  # noqa: S608
    return {f"{resource_type}/{each['id']}": (each["version"], each["sha256"]) for each in rows}


def _compare(theirs: Versions, ours: Versions) -> Iterator[str]:
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in ours:
            yield f"{name} is missing"
        elif name not in theirs:
            yield f"{name} has no source"
        elif ours[name][0] != theirs[name][0]:
            yield f"{name} is at version {ours[name][0]}, its source at {theirs[name][0]}"
        elif ours[name][1] != theirs[name][1]:
            yield f"{name} differs in version {ours[name][0]}"
