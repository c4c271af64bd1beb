"""Changes that could not be applied: set aside in order, looked at, replayed or dismissed.

A change that a rule refuses must not stop those behind it. It is kept here (FAILED), and later
ones of the same resource wait behind it (PARKED), because they build on it. A person settles
them, each with a reason. Whoever writes here holds the source's cursor row, so that no change
is parked behind one that is being replayed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from guantong.common.v1.event_pb2 import Change
from sqlalchemy import (
    BigInteger,
    DateTime,
    LargeBinary,
    Text,
    any_,
    bindparam,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import db
from chassis.db import Transaction
from chassis.effects import Effects
from chassis.errors import DomainError, Kind
from chassis.logs import get_logger
from chassis.tables import dead_letter, subscription_cursor

FAILED: Final = "FAILED"
PARKED: Final = "PARKED"
REPLAYED: Final = "REPLAYED"
DISMISSED: Final = "DISMISSED"
_OPEN = (FAILED, PARKED)
_PAGE_MAX = 100

_log = get_logger(__name__)


class DeadLetterNotFound(DomainError):
    kind = Kind.NOT_FOUND
    zh = "没有编号为 {id} 的搁置变更。请用 list 查看。"
    en = "There is no dead letter {id}. See `list`."


class DeadLetterSettled(DomainError):
    """It was replayed or dismissed before."""

    kind = Kind.FAILED_PRECONDITION
    zh = "搁置变更 {id} 已处理（{state}），不能再次处理。"
    en = "Dead letter {id} is settled already ({state})."


class DeadLetterBehindAnother(DomainError):
    """An earlier change of the same resource has to be settled first."""

    kind = Kind.FAILED_PRECONDITION
    zh = "同一记录更早的变更 {first} 尚未处理。请先处理它。"
    en = "Dead letter {first} is an earlier change of the same resource. Settle it first."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one dead letter, or would: the failure (empty: applied) and the events."""

    id: int
    position: int
    resource_name: str
    failure: str
    events: tuple[str, ...]


_COLUMNS = [column for column in dead_letter.c if column is not dead_letter.c.payload]
# Written out, so that the planner knows the index of the open ones.
_IS_OPEN = text("dead_letter.state IN ('FAILED', 'PARKED')")
_ID = bindparam("id", type_=BigInteger)
_SOURCE = bindparam("source", type_=Text)
_PUT = db.compile(
    insert(dead_letter)
    .values(
        {
            "source": _SOURCE,
            "epoch": bindparam("epoch", type_=Text),
            "position": bindparam("position", type_=BigInteger),
            "resource_name": bindparam("resource_name", type_=Text),
            "event_type": bindparam("event_type", type_=Text),
            "payload": bindparam("payload", type_=LargeBinary),
            "state": bindparam("state", type_=Text),
            "failure": bindparam("failure", type_=Text),
            "fail_time": bindparam("fail_time", type_=DateTime(timezone=True)),
        }
    )
    .on_conflict_do_nothing()
)
_WAITING = db.compile(
    select(dead_letter.c.resource_name)
    .distinct()
    .where(
        dead_letter.c.source == _SOURCE,
        dead_letter.c.resource_name == any_(bindparam("names", type_=ARRAY(Text))),
        _IS_OPEN,
    )
)
_LIST = db.compile(
    select(*_COLUMNS)
    .where(dead_letter.c.id > bindparam("after", type_=BigInteger), _IS_OPEN)
    .order_by(dead_letter.c.id)
    .limit(_PAGE_MAX)
)
_GET = db.compile(select(dead_letter).where(dead_letter.c.id == _ID))
_FIRST = db.compile(
    select(dead_letter.c.id)
    .where(
        dead_letter.c.source == _SOURCE,
        dead_letter.c.resource_name == bindparam("resource_name", type_=Text),
        _IS_OPEN,
    )
    .order_by(dead_letter.c.id)
    .limit(1)
)
_SETTLE = db.compile(
    update(dead_letter)
    .where(dead_letter.c.id == _ID)
    .values(
        state=bindparam("state", type_=Text),
        settled_by=bindparam("settled_by", type_=Text),
        settle_reason=bindparam("settle_reason", type_=Text),
        settle_time=bindparam("settle_time", type_=DateTime(timezone=True)),
    )
)
_FAIL = db.compile(
    update(dead_letter)
    .where(dead_letter.c.id == _ID)
    .values(state=bindparam("state", type_=Text), failure=bindparam("failure", type_=Text))
)
LOCK_CURSOR: Final = db.compile(
    select(subscription_cursor.c.epoch, subscription_cursor.c.position)
    .where(subscription_cursor.c.source == _SOURCE)
    .with_for_update()
)


def failure_of(error: BaseException) -> str:
    """Return what may be kept of an error: a refusal's facts, or else the kind of a defect."""
    return str(error) if isinstance(error, DomainError) else f"DEFECT {type(error).__name__}"


async def put(tx: Transaction, change: Change, *, source: str, state: str, failure: str) -> None:
    """Set a change aside; one that is there already stays as it is."""
    await tx.execute(
        _PUT,
        source=source,
        epoch=change.epoch,
        position=change.position,
        resource_name=change.resource_name,
        event_type=change.event_type,
        payload=change.SerializeToString(),
        state=state,
        failure=failure,
        fail_time=datetime.now(UTC),
    )


async def waiting(tx: Transaction, *, source: str, names: Collection[str]) -> set[str]:
    """Return those of the resources that have changes set aside."""
    rows = await tx.fetch(_WAITING, source=source, names=sorted(names))
    return {row["resource_name"] for row in rows}


class DeadLetters:
    """What a person does with a service's dead letters."""

    def __init__(self, database: db.Database, effects: Mapping[str, Effects]) -> None:
        """Take the effects by source."""
        self._database = database
        self._effects = effects

    async def list_open(self, *, after: int = 0) -> Sequence[db.Row]:
        """Return a page of open ones, without payload, in order of their ids."""
        return await self._database.fetch(_LIST, after=after)

    async def get(self, letter_id: int) -> db.Row:
        """Return one; raises DeadLetterNotFound."""
        row = await self._database.fetch_one(_GET, id=letter_id)
        if row is None:
            raise DeadLetterNotFound(id=str(letter_id))
        return row

    async def dry_run(self, letter_id: int) -> Outcome:
        """Apply one and take everything back; say what would happen."""

        async def work(tx: Transaction) -> None:
            row = await self._open_first(tx, letter_id)
            raise _TakenBack(await self._apply(tx, row))

        row = await self.get(letter_id)
        try:
            await self._database.transact(work)
        except _TakenBack as result:
            return _outcome(row, events=result.events)
        except (DeadLetterSettled, DeadLetterBehindAnother):
            raise
        except Exception as error:  # noqa: BLE001 - to say what would happen is the purpose
            return _outcome(row, failure=failure_of(error))
        raise AssertionError

    async def replay(self, letter_id: int, *, by: str, reason: str) -> list[Outcome]:
        """Apply one, then in order those parked behind it, until one fails again.

        Each is applied and settled in a transaction of its own. Raises DeadLetterSettled and
        DeadLetterBehindAnother.
        """
        outcomes: list[Outcome] = []
        following: int | None = letter_id
        while following is not None:
            row = await self.get(following)
            try:
                events = await self._replay_one(following, by=by, reason=reason)
            except (DeadLetterSettled, DeadLetterBehindAnother):
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the change stays aside
                _log.warning("replay failed", id=following, failure=failure_of(error))
                await self._fail(following, failure_of(error))
                return [*outcomes, _outcome(row, failure=failure_of(error))]
            outcomes.append(_outcome(row, events=events))
            following = await self._database.fetch_value(
                _FIRST, source=row["source"], resource_name=row["resource_name"]
            )
        return outcomes

    async def dismiss(self, letter_id: int, *, by: str, reason: str) -> int | None:
        """Give one up for ever; return the id of the one parked behind it, to be settled next."""

        async def work(tx: Transaction) -> int | None:
            row = await self._open_first(tx, letter_id)
            await _settle(tx, letter_id, DISMISSED, by=by, reason=reason)
            following: int | None = await tx.fetch_value(
                _FIRST, source=row["source"], resource_name=row["resource_name"]
            )
            if following is not None:
                await tx.execute(
                    _FAIL, id=following, state=FAILED, failure=f"behind dismissed {letter_id}"
                )
            return following

        return await self._database.transact(work)

    async def _replay_one(self, letter_id: int, *, by: str, reason: str) -> tuple[str, ...]:
        async def work(tx: Transaction) -> tuple[str, ...]:
            row = await self._open_first(tx, letter_id)
            events = await self._apply(tx, row)
            await _settle(tx, letter_id, REPLAYED, by=by, reason=reason)
            return events

        return await self._database.transact(work)

    async def _open_first(self, tx: Transaction, letter_id: int) -> db.Row:
        """Return an open dead letter that is the first of its resource, and lock its source."""
        row = await self.get(letter_id)
        await tx.fetch(LOCK_CURSOR, source=row["source"])
        row = await tx.fetch_one(_GET, id=letter_id) or row
        if row["state"] not in _OPEN:
            raise DeadLetterSettled(id=str(letter_id), state=row["state"])
        first = await tx.fetch_value(
            _FIRST, source=row["source"], resource_name=row["resource_name"]
        )
        if first != letter_id:
            raise DeadLetterBehindAnother(first=str(first))
        return row

    async def _apply(self, tx: Transaction, row: db.Row) -> tuple[str, ...]:
        effects = self._effects[row["source"]]
        change = Change.FromString(row["payload"])
        if not effects.concern(change):
            return ()
        return tuple(await effects.apply(tx, [change]))

    async def _fail(self, letter_id: int, failure: str) -> None:
        async def work(tx: Transaction) -> None:
            await tx.execute(_FAIL, id=letter_id, state=FAILED, failure=failure)

        await self._database.transact(work)


class _TakenBack(Exception):
    """Rolls a dry run back, with what it wrote."""

    def __init__(self, events: tuple[str, ...]) -> None:
        self.events = events


async def _settle(tx: Transaction, letter_id: int, state: str, *, by: str, reason: str) -> None:
    await tx.execute(
        _SETTLE,
        id=letter_id,
        state=state,
        settled_by=by,
        settle_reason=reason,
        settle_time=datetime.now(UTC),
    )


def _outcome(row: db.Row, *, failure: str = "", events: tuple[str, ...] = ()) -> Outcome:
    return Outcome(row["id"], row["position"], row["resource_name"], failure, events)
