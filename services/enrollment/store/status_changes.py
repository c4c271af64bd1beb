"""Status changes in the database: one that is not finished a record, and who may see each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import (
    Date,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import bulk, db
from services.enrollment.domain.status_change import (
    Attachment,
    AttachmentKind,
    GuardianOpinion,
    Initiator,
    Level,
    State,
    StatusChange,
    Step,
)
from services.enrollment.domain.student_status import ChangeKind
from services.enrollment.store.status_tables import status_change, status_change_party

_COLUMNS = [column.name for column in status_change.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_GET = db.compile(
    select(status_change)
    .where(status_change.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(status_change.c.id)
    .with_for_update()
)
_PENDING = db.compile(
    select(status_change.c.status_record_id, status_change.c.id).where(
        status_change.c.status_record_id == any_(bindparam("record_ids", type_=ARRAY(Uuid))),
        # Written out, so that the partial index serves it.
        status_change.c.state.in_(
            [literal_column(f"'{each}'") for each in ("PROPOSED", "IN_CHAIN", "APPROVED")]
        ),
    )
)
_OF_RECORDS = db.compile(
    select(status_change)
    .where(status_change.c.status_record_id == any_(bindparam("record_ids", type_=ARRAY(Uuid))))
    .order_by(status_change.c.id)
)
_UNTIL = db.compile(
    select(status_change.c.id, status_change.c.until_date).where(
        status_change.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_KEY = tuple_(status_change.c.effective_date, status_change.c.id)
_DUE = db.compile(
    select(
        status_change.c.id,
        status_change.c.version,
        status_change.c.organisation,
        status_change.c.effective_date,
    )
    .where(
        # Written out, so that the partial index serves it.
        status_change.c.state == literal_column("'APPROVED'"),
        status_change.c.effective_date <= bindparam("today", type_=Date),
        tuple_(bindparam("after_date", type_=Date), bindparam("after_id", type_=Uuid)) < _KEY,
    )
    .order_by(status_change.c.effective_date, status_change.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_ADD = bulk.insert_many(status_change, _COLUMNS)
_SAVE = bulk.update_many(status_change, _WRITTEN)


def _add_parties() -> db.Statement:
    names = ["change_id", "party"]
    arrays = [bindparam("change_ids", type_=ARRAY(Uuid)), bindparam("parties", type_=ARRAY(Text))]
    rows = func.unnest(*arrays).table_valued(*names, joins_implicitly=True).render_derived()
    return db.compile(
        insert(status_change_party).from_select(names, select(rows.c.change_id, rows.c.party))
    )


_ADD_PARTIES = _add_parties()


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, StatusChange]:
    """Load changes, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: from_row(row) for row in rows}


class DueChange(NamedTuple):
    """An approved change whose effective date has come."""

    id: UUID
    version: int
    organisation: str
    effective_date: date


_FIRST = DueChange(UUID(int=0), 0, "", date.min)


async def find_due(
    reader: db.Reader, *, today: date, after: DueChange | None, limit: int
) -> list[DueChange]:
    """Return approved changes that are due, the earliest first."""
    start = after or _FIRST
    rows = await reader.fetch(
        _DUE, today=today, after_date=start.effective_date, after_id=start.id, limit=limit
    )
    return [DueChange(**row) for row in rows]


async def find_pending(tx: db.Transaction, record_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the unfinished change of each record that has one."""
    rows = await tx.fetch(_PENDING, record_ids=list(set(record_ids)))
    return {row["status_record_id"]: row["id"] for row in rows}


async def list_of_records(tx: db.Transaction, record_ids: Sequence[UUID]) -> list[StatusChange]:
    """Load all changes of records, in order of creation; a record has few."""
    rows = await tx.fetch(_OF_RECORDS, record_ids=list(set(record_ids)))
    return [from_row(row) for row in rows]


async def find_until(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, date | None]:
    """Return until when each change sent a student away."""
    rows = await tx.fetch(_UNTIL, ids=list(set(ids)))
    return {row["id"]: row["until_date"] for row in rows}


async def add_many(tx: db.Transaction, changes: Sequence[StatusChange]) -> None:
    """Insert changes; raises VersionConflict if a record was given one meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, changes, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
    pairs = [(change.id, party) for change in changes for party in change.parties]
    if pairs:
        await tx.execute(
            _ADD_PARTIES,
            change_ids=[change_id for change_id, _ in pairs],
            parties=[party for _, party in pairs],
        )


async def save_many(tx: db.Transaction, changes: Sequence[StatusChange]) -> None:
    """Write changed changes; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, changes, _to_row)


def _to_row(change: StatusChange) -> Mapping[str, Any]:
    return {
        **vars(change),
        "attachments": json.dumps([asdict(each) for each in change.attachments]),
        "steps": json.dumps([asdict(each) for each in change.steps], default=date.isoformat),
    }


def from_row(row: db.Row) -> StatusChange:
    """Return the change of a row."""
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["kind"] = ChangeKind(row["kind"])
    values["initiator"] = Initiator(row["initiator"])
    values["guardian_opinion"] = GuardianOpinion(row["guardian_opinion"])
    values["attachments"] = tuple(
        Attachment(kind=AttachmentKind(each["kind"]), sha256=each["sha256"])
        for each in json.loads(row["attachments"])
    )
    values["steps"] = tuple(_step(each) for each in json.loads(row["steps"]))
    return StatusChange(**values)


def _step(written: Mapping[str, Any]) -> Step:
    decided = written["decide_date"]
    return Step(
        level=Level(written["level"]),
        organisation=written["organisation"],
        decide_date=date.fromisoformat(decided) if decided else None,
        is_approved=written["is_approved"],
    )
