"""Status records in the database: loaded locked, saved guarded by version.

Locks are taken in the order status record, member, registration by every command, so that a
graduation and an arrival of the same student wait for each other and neither misses the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.status_record import Stage, State, StatusPeriod, StatusRecord
from services.enrollment.domain.status_spans import Span, Spans
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.store import persons
from services.enrollment.store.status_tables import status_period
from services.enrollment.store.tables import status_record

_COLUMNS = [column.name for column in status_record.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]


def _locked(*conditions: Any) -> db.Statement:
    return db.compile(
        select(status_record).where(*conditions).order_by(status_record.c.id).with_for_update()
    )


_GET = _locked(status_record.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_FRONT_OF_MEMBERS = _locked(
    status_record.c.member_id == any_(bindparam("member_ids", type_=ARRAY(Uuid))),
    # Written out, so that the partial index serves it.
    status_record.c.stage == literal_column(f"'{Stage.FRONT}'"),
)
_HELD = db.compile(
    select(
        status_record.c.id,
        status_record.c.person_id,
        status_record.c.state,
        status_record.c.valid_from_date,
    ).where(
        status_record.c.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid))),
        status_record.c.organisation == bindparam("organisation", type_=Text),
    )
)
_SPANS = db.compile(
    select(
        status_record.c.id.label("record_id"),
        status_record.c.person_id,
        status_record.c.organisation,
        status_record.c.level,
        status_record.c.valid_from_date.label("first_date"),
        status_record.c.valid_to_date.label("last_date"),
    ).where(status_record.c.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid))))
)
_PERIODS = db.compile(
    select(status_period)
    .where(status_period.c.record_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(status_period.c.record_id, status_period.c.valid_from_date)
)
_PERIOD_COLUMNS = [column.name for column in status_period.columns]
_ADD_PERIODS = bulk.insert_many(status_period, _PERIOD_COLUMNS)
_ADD = bulk.insert_many(status_record, _COLUMNS)
_SAVE = bulk.update_many(status_record, _WRITTEN)


class HeldRecord(NamedTuple):
    """That a school holds or held a record of a person."""

    id: UUID
    is_open: bool
    valid_from_date: date


async def list_held(
    tx: db.Transaction, person_ids: Sequence[UUID], *, organisation: str
) -> dict[UUID, list[HeldRecord]]:
    """Return by person the records that a school holds or held; nothing is locked by it."""
    rows = await tx.fetch(_HELD, person_ids=list(set(person_ids)), organisation=organisation)
    held: dict[UUID, list[HeldRecord]] = defaultdict(list)
    for row in rows:
        is_open = State(row["state"]) in {State.IN_SCHOOL, State.AWAY}
        held[row["person_id"]].append(HeldRecord(row["id"], is_open, row["valid_from_date"]))
    return dict(held)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, StatusRecord]:
    """Load records, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {record.id: record for record in await _load(tx, rows)}


async def get_front_of_members(
    tx: db.Transaction, member_ids: Sequence[UUID]
) -> dict[UUID, StatusRecord]:
    """Load the front-stage records of members by member, locked; unknown members are absent."""
    rows = await tx.fetch(_FRONT_OF_MEMBERS, member_ids=list(set(member_ids)))
    return {record.member_id: record for record in await _load(tx, rows) if record.member_id}


async def get_spans(tx: db.Transaction, person_ids: Iterable[UUID]) -> Spans:
    """Lock persons, and return which records each of them has held.

    Whoever opens a record holds the lock of its person from here on, so that of two who open
    records at once the second sees the first's. Persons are locked last, after records, members
    and registrations.
    """
    wanted = list(set(person_ids))
    await persons.lock_many(tx, wanted)
    # A statement of its own: it sees what was committed while this one waited for the locks.
    rows = await tx.fetch(_SPANS, person_ids=wanted)
    return Spans(Span(**{**row, "level": Level(row["level"])}) for row in rows)


async def add_many(tx: db.Transaction, records: Sequence[StatusRecord]) -> None:
    """Insert opened records."""
    await bulk.add(tx, _ADD, _COLUMNS, records)


async def save_many(tx: db.Transaction, records: Sequence[StatusRecord]) -> None:
    """Write changed records; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, records)
    rows = [_to_row(record, period) for record in records for period in _take_new(record)]
    if rows:
        await tx.execute(_ADD_PERIODS, **bulk.arrays(_PERIOD_COLUMNS, rows))


def _take_new(record: StatusRecord) -> list[StatusPeriod]:
    new = record.past_periods[record.stored_periods_count :]
    record.stored_periods_count = len(record.past_periods)
    return new


def _to_row(record: StatusRecord, period: StatusPeriod) -> Mapping[str, Any]:
    return {
        "record_id": record.id,
        "organisation": record.organisation,
        "level": record.level,
        "status": period.status,
        "major_code": period.major_code,
        "class_name": period.class_name,
        "grade_year": period.grade_year,
        "valid_from_date": period.valid_from_date,
        "valid_to_date": period.valid_to_date,
        "change_id": period.change_id,
    }


async def _load(tx: db.Transaction, rows: Sequence[db.Row]) -> list[StatusRecord]:
    """Return the records of locked rows, with what past statuses there are by then."""
    periods: dict[UUID, list[StatusPeriod]] = defaultdict(list)
    if rows:
        for row in await tx.fetch(_PERIODS, ids=[row["id"] for row in rows]):
            periods[row["record_id"]].append(_period_of(row))
    return [_from_row(row, periods[row["id"]]) for row in rows]


def _period_of(row: db.Row) -> StatusPeriod:
    return StatusPeriod(
        status=StudentStatus(row["status"]),
        major_code=row["major_code"],
        class_name=row["class_name"],
        grade_year=row["grade_year"],
        valid_from_date=row["valid_from_date"],
        valid_to_date=row["valid_to_date"],
        change_id=row["change_id"],
    )


def _from_row(row: db.Row, periods: list[StatusPeriod]) -> StatusRecord:
    values: dict[str, Any] = dict(row)
    values["past_periods"] = periods
    values["stored_periods_count"] = len(periods)
    values["status"] = StudentStatus(row["status"])
    values["state"] = State(row["state"])
    values["stage"] = Stage(row["stage"])
    values["level"] = Level(row["level"])
    return StatusRecord(**values)
