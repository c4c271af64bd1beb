"""Tells any number of watchers in a process that the history has grown, by one poll for all."""

import asyncio

from chassis import db
from chassis.epoch import Head, read_head
from chassis.logs import get_logger
from chassis.tasks import happens
from chassis.temporary import Backoff, describe, is_temporary

_log = get_logger(__name__)


class HeadWatch:
    """The last known head; polls only while somebody waits."""

    def __init__(self, database: db.Database, *, poll_s: float = 0.05) -> None:
        self._database = database
        self._poll_s = poll_s
        self._head = Head(0, "")
        self._changed = asyncio.Event()
        self._wake = asyncio.Event()
        self._waiting = 0
        self._polling: asyncio.Task[None] | None = None

    def wake(self, _position: int = 0) -> None:
        """Look now: called by the sequencer of this process after each batch."""
        self._wake.set()

    async def now(self) -> Head:
        """Read the head."""
        head = await read_head(self._database)
        self._see(head)
        return head

    async def beyond(self, seen: Head, *, within_s: float) -> Head:
        """Wait for a head other than `seen`, at most some time; return the last known."""
        self._waiting += 1
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(within_s):
                while self._head == seen:
                    await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1
        return self._head

    def _see(self, head: Head) -> None:
        if head != self._head:
            self._head = head
            # Those who wait now are woken; those who come later wait for the next.
            self._changed.set()
            self._changed = asyncio.Event()

    async def _poll(self) -> None:
        backoff = Backoff()
        while self._waiting:
            self._wake.clear()
            try:
                await self.now()
            except Exception as error:
                if not is_temporary(error):
                    raise
                _log.warning("head not read", error=describe(error))
                await asyncio.sleep(backoff.next_s())
                continue
            backoff.reset()
            await happens(self._wake, within_s=self._poll_s)
