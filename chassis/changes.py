"""One change row for each resource that a command changed: event, feed, digest, history, answer.

A store notes the aggregates that it wrote; `record` encodes them and writes their rows in one
statement, after the guarded updates, so that version n + 1 draws its id after n is visible.
This module must not number positions (sequencer) or publish (relay).
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from asyncpg import UniqueViolationError
from google.protobuf.message import Message
from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, REGCLASS, aggregate_order_by

from chassis import db
from chassis.bulk import COPY_ROWS_MIN
from chassis.ids import new_id
from chassis.tables import change, request, unsequenced

# So many are encoded without a pause.
_AHEAD = 50
# The audience of a record that every organisation of the suite may see.
EVERYONE = "*"


class Aggregate(Protocol):
    """What a domain gives to be recorded: a version that was raised, and the event's name."""

    @property
    def version(self) -> int: ...

    @property
    def event(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """A resource as it is stored and sent: its name, its message, and the parties that see it."""

    name: str
    message: Message
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """An encoded resource with its bytes."""

    name: str
    message: Message
    audience: tuple[str, ...]
    resource: bytes
    sha256: bytes


def _encode(encoders: "Encoders", aggregate: Aggregate) -> _Ready:
    each = encoders.encode(aggregate)
    resource = each.message.SerializeToString(deterministic=True)
    sha256 = hashlib.sha256(resource).digest()
    return _Ready(each.name, each.message, each.audience, resource, sha256)


Encoder = Callable[[Any], Encoded]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changed something, on which trace, at which business time."""

    actor: str
    organisation: str
    business_time: datetime
    traceparent: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """One written change: the id of its row and the bytes that were stored."""

    change_id: int
    message: Message


@dataclass(frozen=True, slots=True)
class Intent:
    """What makes two calls the same: who asked which method under which id, with which body."""

    organisation: str
    method: str
    request_id: UUID
    body_digest: bytes

    def parameters(self) -> dict[str, Any]:
        """Return the values of the request's key and its body's hash."""
        return {name: getattr(self, name) for name in _INTENT}


@dataclass(frozen=True, slots=True)
class Written:
    """A change row as it was written, for what a service keeps beside it."""

    change_id: int
    event: str
    message: Message


# Writes what a service keeps beside the change rows of a transaction, within it: an index of its
# own. It gets every change, in the order of their ids.
Beside = Callable[[db.Transaction, Origin, Sequence[Written]], Awaitable[None]]


class Encoders:
    """Finds the encoder of an aggregate by its type; given by a service's `app`.

    `beside` is called by `record` after the change rows: whoever records cannot forget it.
    """

    def __init__(self, by_type: Mapping[type, Encoder], *, beside: Beside | None = None) -> None:
        self._by_type = dict(by_type)
        self.beside = beside

    def encode(self, aggregate: Aggregate) -> Encoded:
        """Encode an aggregate as its resource at its present version."""
        return self._by_type[type(aggregate)](aggregate)


_ROWS: dict[str, Any] = {
    "event_id": Uuid,
    "event_type": Text,
    "resource_name": Text,
    "version": BigInteger,
    "message_type": Text,
    "resource": LargeBinary,
    "resource_sha256": LargeBinary,
    "audience": Text,
}
_ONCE: dict[str, Any] = {
    "actor": Text,
    "actor_organisation": Text,
    "business_time": DateTime(timezone=True),
    "traceparent": Text,
}
_INTENT: dict[str, Any] = {
    "organisation": Text,
    "method": Text,
    "request_id": Uuid,
    "body_digest": LargeBinary,
}


def _written() -> Any:
    """The insert of all rows in order of the arrays, returning their ids."""
    rows = (
        func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _ROWS.items()))
        .table_valued(*_ROWS, with_ordinality="item", joins_implicitly=True)
        .render_derived()
    )
    columns = [
        # Parties have no spaces in their ids.
        func.string_to_array(rows.c.audience, literal_column("' '"))
        if name == "audience"
        else rows.c[name]
        for name in _ROWS
    ]
    columns += [bindparam(name, type_=kind) for name, kind in _ONCE.items()]
    return (
        insert(change)
        .from_select([*_ROWS, *_ONCE], select(*columns).order_by(rows.c.item))
        .returning(change.c.id)
        .cte("written")
    )


def _put_aside(written: Any) -> Any:
    """The ids of the rows, put aside for the sequencer."""
    return insert(unsequenced).from_select(["change_id"], select(written.c.id)).cte("put_aside")


def _remembered(written: Any) -> Any:
    """The request row: for each item of the call the id of its answer's change row, or NULL."""
    numbered = select(
        written.c.id, func.row_number().over(order_by=written.c.id).label("number")
    ).subquery("numbered")
    answers = (
        func.unnest(bindparam("answers", type_=ARRAY(BigInteger)))
        .table_valued("number", with_ordinality="item", joins_implicitly=True)
        .render_derived()
    )
    ids = (
        select(func.array_agg(aggregate_order_by(numbered.c.id, answers.c.item)))
        .select_from(answers.outerjoin(numbered, numbered.c.number == answers.c.number))
        .scalar_subquery()
    )
    key = [bindparam(name, type_=kind) for name, kind in _INTENT.items()]
    return (
        insert(request).from_select([*_INTENT, "change_ids"], select(*key, ids)).cte("remembered")
    )


def _insert(*, remember: bool) -> db.Statement:
    written = _written()
    statement = select(written.c.id).add_cte(_put_aside(written))
    return db.compile(statement.add_cte(_remembered(written)) if remember else statement)


def _draw() -> db.Statement:
    """So many new ids, in their order."""
    numbers = func.generate_series(1, bindparam("count", type_=Integer)).table_valued("number")
    sequence = func.pg_get_serial_sequence(
        literal_column(f"'{change.name}'"), literal_column("'id'")
    )
    # In a query of its own the sequence is looked up once, and not for each number.
    found = select(cast(sequence, REGCLASS)).scalar_subquery()
    drawn = select(func.nextval(found).label("id")).select_from(numbers)
    return db.compile(select(func.array_agg(drawn.subquery("drawn").c.id)))


_DRAW = _draw()
_INSERT = _insert(remember=False)
_INSERT_AND_REMEMBER = _insert(remember=True)


async def record(
    tx: db.Transaction,
    encoders: Encoders,
    origin: Origin,
    *,
    intent: Intent | None = None,
    answers: Sequence[Aggregate | None] = (),
) -> dict[int, Recorded]:
    """Write the change rows of everything that the transaction noted, and forget the notes.

    With an `intent`, the call is remembered in the same statement: `answers` names for each item
    of the call the aggregate that answers it, or None where the item was refused. Raises
    RequestRaced when another call has remembered the same intent meanwhile.
    Returns the written changes by `id()` of the aggregate. Each aggregate must have been changed
    exactly once since it was loaded: one change row a resource and command.
    """
    aggregates = tx.pending.facts
    if not aggregates:
        return {}
    tx.pending.facts = []
    tx.pending.has_changes = True
    ready = tx.pending.encoded
    encoded = [ready.get(id(each)) or _encode(encoders, each) for each in aggregates]
    ready.clear()
    parameters: dict[str, Any] = {**_columns(aggregates, encoded)}
    parameters |= {
        "actor": origin.actor,
        "actor_organisation": origin.organisation,
        "business_time": origin.business_time,
        "traceparent": origin.traceparent,
    }
    if intent is None and len(aggregates) >= COPY_ROWS_MIN:
        ids = await _copy(tx, parameters)
        rows: Sequence[db.Row] = [{"id": change_id} for change_id in ids]
    elif intent is None:
        rows = await tx.fetch(_INSERT, **parameters)
    else:
        numbers = {id(aggregate): number for number, aggregate in enumerate(aggregates, start=1)}
        parameters["answers"] = [numbers.get(id(answer), 0) for answer in answers]
        parameters |= intent.parameters()
        try:
            rows = await tx.fetch(_INSERT_AND_REMEMBER, **parameters)
        except UniqueViolationError as error:
            if error.constraint_name == request.primary_key.name:
                raise db.RequestRaced from error
            raise
    # Ids were drawn in the order of the arrays.
    ids = sorted(row["id"] for row in rows)
    if encoders.beside is not None:
        await encoders.beside(tx, origin, _written_rows(aggregates, encoded, ids))
    return {
        id(aggregate): Recorded(change_id, each.message)
        for aggregate, each, change_id in zip(aggregates, encoded, ids, strict=True)
    }


@asynccontextmanager
async def encoding_ahead(tx: db.Transaction, encoders: Encoders) -> AsyncIterator[None]:
    """Encode what a transaction notes in the block while the database takes the rows.

    For very many: `record` finds them encoded. Aggregates must not change once they are noted.
    """
    task = asyncio.create_task(_encode_noted(tx, encoders))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _encode_noted(tx: db.Transaction, encoders: Encoders) -> None:
    pending, done = tx.pending, 0
    while True:
        noted = pending.facts[done : done + _AHEAD]
        for each in noted:
            pending.encoded[id(each)] = _encode(encoders, each)
        done += len(noted)
        if noted:
            # Whoever sends rows or reads answers goes first.
            await asyncio.sleep(0)
        else:
            pending.noted.clear()
            await pending.noted.wait()


async def _copy(tx: db.Transaction, parameters: Mapping[str, Any]) -> list[int]:
    """Write very many change rows by COPY; return their ids, in the order of the rows."""
    count = len(parameters["event_id"])
    ids: list[int] = await tx.fetch_value(_DRAW, count=count)
    once = [[parameters[name]] * count for name in _ONCE]
    audiences = [each.split(" ") for each in parameters["audience"]]
    columns = [audiences if name == "audience" else parameters[name] for name in _ROWS]
    rows = zip(ids, *columns, *once, strict=True)
    await tx.copy(change.name, ["id", *_ROWS, *_ONCE], rows)
    await tx.copy(unsequenced.name, ["change_id"], [(change_id,) for change_id in ids])
    return ids


def _written_rows(
    aggregates: Sequence[Aggregate], encoded: Sequence[_Ready], ids: Sequence[int]
) -> list[Written]:
    return [
        Written(change_id, str(aggregate.event), each.message)
        for aggregate, each, change_id in zip(aggregates, encoded, ids, strict=True)
    ]


def _columns(aggregates: Sequence[Aggregate], encoded: Sequence[_Ready]) -> dict[str, list[Any]]:
    return {
        "event_id": [new_id() for _ in encoded],
        "event_type": [_event_name(aggregate) for aggregate in aggregates],
        "resource_name": [each.name for each in encoded],
        "version": [aggregate.version for aggregate in aggregates],
        "message_type": [each.message.DESCRIPTOR.full_name for each in encoded],
        "resource": [each.resource for each in encoded],
        "resource_sha256": [each.sha256 for each in encoded],
        "audience": [" ".join(each.audience) for each in encoded],
    }


def _event_name(aggregate: Aggregate) -> str:
    if aggregate.event is None:
        msg = f"{type(aggregate).__name__} was written without an event"
        raise RuntimeError(msg)
    return str(aggregate.event)
