"""Repeating a call repeats its answer, never its effect.

A call is remembered under (organisation, method, request_id) with its body's keyed digest, for
ever, in the transaction that it wrote in; the memory points at the change rows that answer it, so
a repeat is answered with the resource as it was written then. Refusals are not remembered. This
module must not know what a command does.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message
from sqlalchemy import BigInteger, Text, Uuid, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import changes, db
from chassis.changes import Aggregate, Encoders, Intent, Origin
from chassis.errors import DomainError, RequestIdReused
from chassis.identity import Caller
from chassis.tables import change, request

Item = TypeVar("Item")
Result = Aggregate | DomainError
Work = Callable[[db.Transaction, Sequence[Item]], Awaitable[Sequence[Result]]]
# Opens or removes what of a message the caller may or may not read.
Presenter = Callable[[Sequence[Message], Caller], Awaitable[None]]


class MutationRequest(Protocol):
    """A request message that carries the identity of the caller's intent."""

    request_id: str

    def SerializeToString(self, *, deterministic: bool) -> bytes: ...


class Call(Protocol):
    """What the interceptor knows of the running call."""

    caller: Caller
    method: str
    origin: Origin


_KEY = (
    (request.c.organisation == bindparam("organisation", type_=Text))
    & (request.c.method == bindparam("method", type_=Text))
    & (request.c.request_id == bindparam("request_id", type_=Uuid))
)
_FIND = db.compile(
    select(request.c.body_digest, request.c.change_ids).where(_KEY).with_for_update()
)
_COMPLETE = db.compile(
    update(request)
    .where(_KEY)
    .values(change_ids=bindparam("all_change_ids", type_=ARRAY(BigInteger)))
)
_ANSWERS = db.compile(
    select(change.c.id, change.c.message_type, change.c.resource).where(
        change.c.id == any_(bindparam("change_ids", type_=ARRAY(BigInteger)))
    )
)


class Commands:
    """Runs commands for the edge: once for each intent, in one transaction, with change rows."""

    def __init__(
        self, database: db.Database, encoders: Encoders, present: Presenter, *, request_key: bytes
    ) -> None:
        """Take the key of the bodies' digests; it must never change."""
        self._database = database
        self._encoders = encoders
        self._present = present
        self._request_key = request_key

    async def one(
        self, call: Call, message: MutationRequest, item: Item, work: Work[Item]
    ) -> Message:
        """Run a command on one item and return its resource; a refusal is raised."""
        (answer,) = await self.many(call, message, [item], work)
        if isinstance(answer, DomainError):
            raise answer
        return answer

    async def many(
        self, call: Call, message: MutationRequest, items: Sequence[Item], work: Work[Item]
    ) -> list[Message | DomainError]:
        """Run a command on many items in one transaction; return a resource or refusal for each.

        A repeat answers what was written then, and tries the items again that were refused.
        Raises RequestIdReused when the request_id was used with another body.
        """
        intent = Intent(
            organisation=call.caller.organisation,
            method=call.method,
            request_id=UUID(message.request_id),
            body_digest=self._digest(message),
        )
        try:
            answers = await self._database.transact(
                lambda tx: self._attempt(tx, call.origin, intent, items, work)
            )
        except _AllRefused as refused:
            return list(refused.refusals)
        resources = [answer for answer in answers if not isinstance(answer, DomainError)]
        await self._present(resources, call.caller)
        return answers

    def _digest(self, message: MutationRequest) -> bytes:
        # Keyed: a body may hold a short number that is personal, and a bare hash gives it away.
        body = message.SerializeToString(deterministic=True)
        return hmac.digest(self._request_key, body, "sha256")

    async def _attempt(
        self,
        tx: db.Transaction,
        origin: Origin,
        intent: Intent,
        items: Sequence[Item],
        work: Work[Item],
    ) -> list[Message | DomainError]:
        key: dict[str, Any] = intent.parameters()
        body_digest = key.pop("body_digest")
        earlier = await tx.fetch_one(_FIND, **key)
        if earlier is None:
            results = await work(tx, items)
            if all(isinstance(each, DomainError) for each in results):
                # What refused may have been the same call, which came first meanwhile.
                if await tx.fetch_one(_FIND, **key):
                    raise db.RequestRaced
                raise _AllRefused(cast("Sequence[DomainError]", results))
            return await self._record(tx, origin, intent, results)
        if earlier["body_digest"] != body_digest:
            raise RequestIdReused(request_id=str(intent.request_id))
        change_ids = list(earlier["change_ids"])
        missing = [index for index, change_id in enumerate(change_ids) if change_id is None]
        again: Sequence[Result] = await work(tx, [items[i] for i in missing]) if missing else ()
        refusals: dict[int, DomainError] = {}
        written = await changes.record(tx, self._encoders, origin)
        for index, result in zip(missing, again, strict=True):
            if isinstance(result, DomainError):
                refusals[index] = result
            else:
                change_ids[index] = written[id(result)].change_id
        if written:
            await tx.execute(_COMPLETE, **key, all_change_ids=change_ids)
        answers = await _stored_answers(tx, change_ids)
        return [
            refusals[index] if change_id is None else answers[change_id]
            for index, change_id in enumerate(change_ids)
        ]

    async def _record(
        self, tx: db.Transaction, origin: Origin, intent: Intent, results: Sequence[Result]
    ) -> list[Message | DomainError]:
        answering = [None if isinstance(each, DomainError) else each for each in results]
        written = await changes.record(tx, self._encoders, origin, intent=intent, answers=answering)
        return [
            each if isinstance(each, DomainError) else written[id(each)].message for each in results
        ]


class _AllRefused(Exception):
    """Rolls back a call of which nothing was done."""

    def __init__(self, refusals: Sequence[DomainError]) -> None:
        super().__init__()
        self.refusals = refusals


async def _stored_answers(
    tx: db.Transaction, change_ids: Sequence[int | None]
) -> dict[int, Message]:
    wanted = [change_id for change_id in change_ids if change_id is not None]
    rows = await tx.fetch(_ANSWERS, change_ids=wanted)
    return {row["id"]: decode(row["message_type"], row["resource"]) for row in rows}


def decode(message_type: str, resource: bytes) -> Message:
    """Parse stored bytes as the message that they were written as."""
    descriptor = descriptor_pool.Default().FindMessageTypeByName(message_type)
    return message_factory.GetMessageClass(descriptor).FromString(resource)
