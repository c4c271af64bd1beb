"""What the changes of another service do here: each change's handler, and what it writes.

A handler runs in the transaction that moves the cursor. It must be guarded by the version of
the copy that it keeps (bulk.upsert_news): after the source was restored, changes come again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from guantong.common.v1.event_pb2 import Change

from chassis import changes
from chassis.clock import Clock
from chassis.db import Transaction
from chassis.errors import DomainError, Kind

Handler = Callable[[Transaction, Change], Awaitable[None]]
M = TypeVar("M", bound=Message)


class ChangeUnreadable(DomainError):
    """A change whose resource is not what its event type promises."""

    kind = Kind.DATA_LOSS
    zh = "变更 {event_id} 的内容无法解析（{message_type}）。请升级本服务后重放。"
    en = (
        "The resource of change {event_id} cannot be read ({message_type}). Upgrade this service, "
        "then replay the change."
    )


def resource_of(change: Change, kind: type[M]) -> M:
    """Return a change's resource; raises ChangeUnreadable when it is of another type."""
    resource = kind()
    try:
        is_right = change.resource.Unpack(resource)
    except DecodeError:
        is_right = False
    if not is_right:
        raise ChangeUnreadable(
            event_id=change.event_id, message_type=change.resource.TypeName()[:200]
        )
    return resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The handlers for one source's events, and how what they write is recorded."""

    service: str
    source: str
    handlers: Mapping[str, Handler]
    encoders: changes.Encoders
    clock: Clock

    def concern(self, change: Change) -> bool:
        """Say whether a change has an effect here."""
        return change.event_type in self.handlers

    async def apply(self, tx: Transaction, arrived: Sequence[Change]) -> list[str]:
        """Run the handlers in order and record what they wrote; return the names of its events.

        Changes of one call at the source share their origin, so what they cause is recorded
        together.
        """
        written: list[str] = []
        for index, change in enumerate(arrived):
            await self.handlers[change.event_type](tx, change)
            following = arrived[index + 1] if index + 1 < len(arrived) else None
            if tx.pending.facts and (following is None or _cause(following) != _cause(change)):
                written += [str(aggregate.event) for aggregate in tx.pending.facts]
                await changes.record(tx, self.encoders, self._origin(change))
        return written

    def _origin(self, change: Change) -> changes.Origin:
        return changes.Origin(
            actor=f"system:{self.service}",
            organisation=change.actor_organisation,
            business_time=self.clock.now(),
            traceparent=change.traceparent,
        )


def _cause(change: Change) -> tuple[str, str]:
    return change.actor_organisation, change.traceparent
