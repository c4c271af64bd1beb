"""The changes service of any package: their messages differ by package and have one shape."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from guantong.common.v1.event_pb2 import Change

from chassis.digest import PARTS_OF_BUCKET
from chassis.epoch import Head
from chassis.errors import ServiceBusy
from chassis.feed import Feed
from chassis.identity import Caller
from chassis.interceptors import current_call
from chassis.presenting import SYSTEM_ROLE

# Opens or leaves out the sealed fields of resources for a caller, in place (presenting).
Present = Callable[[Sequence[Message], Caller], Awaitable[None]]
_SEALED = "sealed"


class ChangesServicer:
    """Answers from a feed and its digests."""

    def __init__(
        self,
        feed: Feed,
        messages: Any,
        *,
        present: Present | None = None,
        watches_max: int = 200,
        watches_of_party_max: int = 20,
    ) -> None:
        """Take the package's `changes_service_pb2`, and how many may watch at a time.

        A party has a share of them: one whose agent leaves watches open must not keep out others.
        """
        self._feed = feed
        self._messages = messages
        self._present = present
        self._watches_max = watches_max
        self._watches_of_party_max = watches_of_party_max
        self._watches: Counter[str] = Counter()

    async def ListChanges(self, request: Any, _context: Any) -> Any:
        call = current_call()
        page = await self._feed.list_changes(
            call.scope,
            request.token,
            request.resource_types,
            request.page_size,
            skip_superseded=request.skip_superseded,
        )
        await self._open(page.changes, call.caller)
        return self._messages.ListChangesResponse(
            changes=page.changes,
            next_token=page.next_token,
            position=page.position,
            more=page.more,
        )

    async def WatchChanges(self, request: Any, _context: Any) -> AsyncIterator[Any]:
        call = current_call()
        party = call.caller.organisation
        is_share_used = self._watches[party] >= self._watches_of_party_max
        if is_share_used or self._watches.total() >= self._watches_max:
            raise ServiceBusy(retry_after_ms=5_000)
        self._watches[party] += 1
        try:
            pages = self._feed.watch(call.scope, request.token, request.resource_types)
            async with aclosing(pages):  # type: ignore[type-var] # it is a generator
                async for page in pages:
                    await self._open(page.changes, call.caller)
                    yield self._messages.WatchChangesResponse(
                        changes=page.changes, next_token=page.next_token, position=page.position
                    )
        finally:
            self._watches[party] -= 1
            # Only those who watch are remembered.
            self._watches += Counter()

    async def GetHead(self, request: Any, _context: Any) -> Any:
        head, token = await self._feed.head(request.resource_types)
        return self._messages.Head(token=token, position=head.position, epoch=head.epoch)

    async def GetDigest(self, request: Any, _context: Any) -> Any:
        position = request.position if request.HasField("position") else None
        tree = await self._feed.digests.tree(
            current_call().scope, position, request.epoch, request.resource_types
        )
        nodes = dict(enumerate(tree.buckets))
        if request.buckets:
            starts = (PARTS_OF_BUCKET * bucket for bucket in sorted(request.buckets))
            numbers = (start + n for start in starts for n in range(PARTS_OF_BUCKET))
            nodes = {number: tree.parts[number] for number in numbers}
        return self._messages.Digest(
            digest=tree.whole.digest,
            count=tree.whole.count,
            position=tree.head.position,
            epoch=tree.head.epoch,
            nodes=[
                self._messages.DigestNode(number=number, count=node.count, digest=node.digest)
                for number, node in nodes.items()
            ],
        )

    async def ListDigestEntries(self, request: Any, _context: Any) -> Any:
        call = current_call()
        entries, next_token = await self._feed.digests.entries(
            call.scope,
            Head(request.position, request.epoch),
            request.resource_types,
            request.part,
            page_size=request.page_size,
            page_token=request.page_token,
            with_resources=request.with_resources,
        )
        await self._open(entries, call.caller)
        return self._messages.ListDigestEntriesResponse(entries=entries, next_page_token=next_token)

    async def _open(self, changes: Sequence[Change], caller: Caller) -> None:
        """Prepare the resources for the caller; those without sealed fields keep their bytes."""
        if self._present is None or SYSTEM_ROLE in caller.roles:
            return
        opened = [(each, resource) for each in changes if (resource := _sealed_resource(each))]
        await self._present([resource for _, resource in opened], caller)
        for change, resource in opened:
            change.resource.value = resource.SerializeToString(deterministic=True)


def _sealed_resource(change: Change) -> Message | None:
    """Return the resource of a change when it has fields to open; one that is unknown is emptied.

    What cannot be parsed here cannot be opened or checked, so its bytes are not shown.
    """
    if not change.HasField("resource"):
        return None
    try:
        kind = descriptor_pool.Default().FindMessageTypeByName(change.resource.TypeName())
        resource = GetMessageClass(kind).FromString(change.resource.value)
    except (KeyError, DecodeError):
        change.ClearField("resource")
        return None
    has_sealed = _SEALED in kind.fields_by_name and resource.HasField(_SEALED)
    return resource if has_sealed else None
