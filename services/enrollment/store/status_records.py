"""Status records in the database: loaded locked, saved guarded by version.

Locks are taken in the order status record, member, registration by every command, so that a
graduation and an arrival of the same student wait for each other and neither misses the other.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.status_record import Stage, State, StatusRecord
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
_ADD = bulk.insert_many(status_record, _COLUMNS)
_SAVE = bulk.update_many(status_record, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, StatusRecord]:
    """Load records, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def get_front_of_members(
    tx: db.Transaction, member_ids: Sequence[UUID]
) -> dict[UUID, StatusRecord]:
    """Load the front-stage records of members by member, locked; unknown members are absent."""
    rows = await tx.fetch(_FRONT_OF_MEMBERS, member_ids=list(set(member_ids)))
    return {row["member_id"]: _from_row(row) for row in rows}


async def add_many(tx: db.Transaction, records: Sequence[StatusRecord]) -> None:
    """Insert opened records."""
    await bulk.add(tx, _ADD, _COLUMNS, records)


async def save_many(tx: db.Transaction, records: Sequence[StatusRecord]) -> None:
    """Write changed records; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, records)


def _from_row(row: db.Row) -> StatusRecord:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["stage"] = Stage(row["stage"])
    values["level"] = Level(row["level"])
    return StatusRecord(**values)
