"""Gives committed changes their positions: no gap, no loss, and versions of a record in order.

One transaction of two statements under READ COMMITTED. The lock comes alone and first, so that
the snapshot of the second statement holds everything that the previous holder wrote. Rows are
found by their place in `unsequenced`, never by "id greater than the last": a transaction that
commits late stays eligible. The counter rolls back with its transaction, so nothing is skipped.
More than one sequencer at a time costs work and breaks nothing.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sqlalchemy import select, text

from chassis import db
from chassis.logs import get_logger
from chassis.tables import head, unsequenced
from chassis.tasks import happens
from chassis.temporary import Backoff, describe, is_temporary

BATCH_MAX: Final = 1000

_log = get_logger(__name__)

_WAITING = db.compile(select(unsequenced.c.change_id).order_by(unsequenced.c.change_id).limit(1))
_LOCK = db.compile(select(head.c.position).with_for_update())
# A change is placed before the parties that see it and, so that they learn of the removal, before
# those that saw the version before it.
# Subqueries find each change by its key: joins would read the whole history when the statistics of
# a table that fills and empties say that much is waiting.
_NUMBER = db.compile(
    text("""
    WITH taken AS (
        DELETE FROM unsequenced WHERE change_id = ANY (ARRAY(
            SELECT change_id FROM unsequenced ORDER BY change_id LIMIT CAST(:most AS integer)
        ))
        RETURNING change_id
    ), numbered AS (
        SELECT change_id,
               CAST(:last AS bigint) + row_number() OVER (ORDER BY change_id) AS position
        FROM taken
    ), placed AS (
        INSERT INTO change_position (position, change_id)
        SELECT position, change_id FROM numbered
    ), announced AS (
        INSERT INTO audience (party, position)
        SELECT DISTINCT party, position
        FROM numbered
        CROSS JOIN LATERAL unnest((
            SELECT change.audience || (
                SELECT before.audience FROM change AS before
                WHERE before.resource_name = change.resource_name
                AND before.version = change.version - 1
            )
            FROM change WHERE change.id = numbered.change_id
        )) AS party
    ), counted AS (
        SELECT count(*) AS count FROM numbered
    )
    UPDATE head SET position = CAST(:last AS bigint) + counted.count
    FROM counted WHERE counted.count > 0
    RETURNING head.position
    """)
)


class Sequencer:
    """Numbers changes as they are committed; woken in-process, and by a poll for the others."""

    def __init__(self, database: db.Database, *, poll_s: float = 0.03) -> None:
        """Be woken after each commit of this process."""
        self._database = database
        self._poll_s = poll_s
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[int], None]] = []
        database.on_commit(self._wake.set)

    def on_advance(self, listener: Callable[[int], None]) -> None:
        """Call back with the new last position after each batch."""
        self._listeners.append(listener)

    async def number(self) -> int:
        """Number up to BATCH_MAX changes in one transaction and return how many."""

        async def work(tx: db.Transaction) -> tuple[int, int]:
            last = await tx.fetch_value(_LOCK)
            position = await tx.fetch_value(_NUMBER, last=last, most=BATCH_MAX)
            return (0, last) if position is None else (position - last, position)

        # A lock is written to disk: without this look an idle service would never rest.
        if await self._database.fetch_value(_WAITING) is None:
            return 0
        count, position = await self._database.transact(work)
        if count:
            for listener in self._listeners:
                listener(position)
        return count

    async def run(self) -> None:
        """Number until cancelled; outages of the database are waited for."""
        backoff = Backoff()
        while True:
            self._wake.clear()
            try:
                count = await self.number()
            except Exception as error:
                if not is_temporary(error):
                    raise
                _log.warning("numbering interrupted", error=describe(error))
                await asyncio.sleep(backoff.next_s())
                continue
            backoff.reset()
            if count < BATCH_MAX:
                await happens(self._wake, within_s=self._poll_s)
