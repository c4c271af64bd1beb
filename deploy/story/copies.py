"""Whether every local copy is the same as its source, read from the databases themselves.

No caller may see this, so it goes round the door: it waits until every service has heard all that
the others published, then compares each copy with its source by name, version and hash. It writes
nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import asyncpg
from sqlalchemy import Table, Text, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.copies import Leaf, differing, latest
from chassis.tables import change, dead_letter, head, subscription_cursor, unsequenced
from deploy.local.door import Door, StoryFailed
from deploy.local.ports import SERVICES
from services.assistance.store.copies import COPIES as ASSISTANCE_COPIES
from services.transfer.store.copies import COPIES as TRANSFER_COPIES

WITHIN_S = 60.0
_LOOK_S = 0.1
# Who hears whom.
SUBSCRIPTIONS: Final[Mapping[str, Collection[str]]] = {
    "enrollment": ("transfer",),
    "transfer": ("enrollment",),
    "assistance": ("enrollment", "transfer"),
}
COPIES: Final = {"transfer": TRANSFER_COPIES, "assistance": ASSISTANCE_COPIES}
# A copy that begins with one of these events; the others have every record of their type.
BEGIN_WITH: Final[Mapping[tuple[str, str], Collection[str]]] = {
    ("assistance", "applications"): (
        "ApplicationRegistered",
        "ApplicationCancelled",
        "ApplicationDiverted",
    ),
}
_HEAD = db.compile(select(head.c.position))
_WAITING = db.compile(select(func.count()).select_from(unsequenced))
_CURSORS = db.compile(select(subscription_cursor.c.source, subscription_cursor.c.position))
_DEAD = db.compile(
    select(func.count())
    .select_from(dead_letter)
    .where((dead_letter.c.state == "FAILED") | (dead_letter.c.state == "PARKED"))
)
_BEGUN = db.compile(
    select(change.c.resource_name)
    .distinct()
    .where(change.c.event_type == any_(bindparam("events", type_=ARRAY(Text))))
)


class NotSettled(StoryFailed):
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
        readers = {service: await _connect(stack, door.dsns[service]) for service in SERVICES}
        heads = await _settle(readers)
        dead = [await reader.fetch_value(_DEAD) for reader in readers.values()]
        return Books(
            events=sum(heads.values()),
            dead_letters=sum(dead),
            differences=[text async for text in _differences(readers)],
        )


async def _connect(stack: AsyncExitStack, dsn: str) -> db.Reader:
    connection = await asyncpg.connect(dsn)
    stack.push_async_callback(connection.close)
    return db.Reader(connection)


async def _settle(readers: Mapping[str, db.Reader]) -> dict[str, int]:
    """Return the heads when nothing has moved between two looks and nobody lags."""
    until = time.monotonic() + WITHIN_S
    before: dict[str, int] = {}
    while True:
        heads = {name: await reader.fetch_value(_HEAD) for name, reader in readers.items()}
        lagging = [text async for text in _lagging(readers, heads)]
        if not lagging and heads == before:
            return heads
        if time.monotonic() > until:
            raise NotSettled(f"After {WITHIN_S:.0f} s: {'; '.join(lagging)}")
        before = heads
        await asyncio.sleep(_LOOK_S)


async def _lagging(
    readers: Mapping[str, db.Reader], heads: Mapping[str, int]
) -> AsyncIterator[str]:
    for name, reader in readers.items():
        if waiting := await reader.fetch_value(_WAITING):
            yield f"{waiting} changes of {name} have no position"
        cursors = {each["source"]: each["position"] for each in await reader.fetch(_CURSORS)}
        for source in SUBSCRIPTIONS[name]:
            if cursors.get(source, 0) != heads[source]:
                yield f"{name} has heard {cursors.get(source, 0)} of {heads[source]} of {source}"


async def _differences(readers: Mapping[str, db.Reader]) -> AsyncIterator[str]:
    for service, sources in COPIES.items():
        for source, tables in sources.items():
            for resource_type, table in tables.items():
                events = BEGIN_WITH.get((service, resource_type))
                theirs = await _source_leaves(readers[source], resource_type, events)
                ours = await _copied_leaves(readers[service], resource_type, table)
                for name in differing(ours, theirs):
                    yield f"{service}: {name}"


async def _source_leaves(
    reader: db.Reader, resource_type: str, events: Collection[str] | None
) -> dict[str, Leaf]:
    leaves = await latest(reader, [resource_type])
    if events is None:
        return leaves
    begun = {each["resource_name"] for each in await reader.fetch(_BEGUN, events=list(events))}
    return {name: leaf for name, leaf in leaves.items() if name in begun}


async def _copied_leaves(reader: db.Reader, resource_type: str, table: Table) -> dict[str, Leaf]:
    rows = await reader.fetch(
        db.compile(select(cast(table.c.id, Text).label("id"), table.c.version, table.c.sha256))
    )
    return {f"{resource_type}/{each['id']}": Leaf(each["version"], each["sha256"]) for each in rows}
