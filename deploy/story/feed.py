"""What an organisation's agent reads in the feed of a service: every change, as it was written.

The story takes from it what no answer says: what became of a record by somebody else's step or by
an event. A change tells the record in the version that it had then, so a second run reads the
same as the first.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import grpc
from grpc import aio
from guantong.common.v1.event_pb2 import Change

from deploy.local.door import StoryFailed
from deploy.story.desk import Desk, Patience, Persona, Refused

WITHIN_S = 90.0
_STREAM_S = 20.0
_REOPEN_S = 0.05

T = TypeVar("T")


class Unseen(StoryFailed):
    """What the story waits for did not appear in the feed in time."""


class Feed:
    """The changes of some resource types that one agent may see, read as far as needed."""

    def __init__(
        self,
        desk: Desk,
        persona: Persona,
        watch: Any,  # the WatchChanges of a package, each with messages of its own
        request: Callable[..., Any],
        resource_types: Sequence[str],
    ) -> None:
        self._desk = desk
        self._persona = persona
        self._watch = watch
        self._request = request
        self._resource_types = resource_types
        self._token = ""
        self._changes: list[Change] = []

    async def wait(self, find: Callable[[Sequence[Change]], T | None], *, what: str) -> T:
        """Read on until `find` returns something of all changes so far; raises Unseen."""
        until = time.monotonic() + WITHIN_S
        patience = Patience(patience_s=WITHIN_S)
        found = find(self._changes)
        while found is None:
            try:
                found = await self._read(find)
            except aio.AioRpcError as error:
                # A quiet stream ends by its own deadline and is opened again where it ended.
                is_quiet = error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
                if not is_quiet and not await patience.allows(error):
                    raise Refused(f"{self._persona} waits for {what}", error) from None
            if found is None and time.monotonic() > until:
                raise Unseen(f"{self._persona} did not see within {WITHIN_S:.0f} s: {what}")
            await asyncio.sleep(0 if found else _REOPEN_S)
        return found

    async def _read(self, find: Callable[[Sequence[Change]], T | None]) -> T | None:
        """Follow one stream until `find` is content or the stream ends."""
        request = self._request(token=self._token, resource_types=self._resource_types)
        stream = self._watch(request, metadata=self._desk.headers(self._persona), timeout=_STREAM_S)
        try:
            async for message in stream:
                self._token = message.next_token
                self._changes += message.changes
                if message.changes and (found := find(self._changes)) is not None:
                    return found
        finally:
            stream.cancel()
        return None


def first_of(
    changes: Sequence[Change], names: Sequence[str], *event_types: str
) -> dict[str, Change] | None:
    """Return the first change of these types for each name, or None while one is missing."""
    wanted = set(names)
    found: dict[str, Change] = {}
    for each in changes:
        if each.event_type in event_types and each.resource_name in wanted:
            found.setdefault(each.resource_name, each)
    return found if len(found) == len(wanted) else None
