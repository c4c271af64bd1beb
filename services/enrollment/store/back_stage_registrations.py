"""Back-stage registrations in the database: one an application, and which of them wait."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.back_stage_registration import (
    BackStageRegistration,
    BlockingReason,
    State,
)
from services.enrollment.store.tables import back_stage_registration

_COLUMNS = [column.name for column in back_stage_registration.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]


def _locked(*conditions: Any) -> db.Statement:
    return db.compile(
        select(back_stage_registration)
        .where(*conditions)
        .order_by(back_stage_registration.c.id)
        .with_for_update()
    )


_GET = _locked(back_stage_registration.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_WAITING = _locked(
    back_stage_registration.c.member_id == any_(bindparam("member_ids", type_=ARRAY(Uuid))),
    # Written out, so that the partial index serves it.
    back_stage_registration.c.state == literal_column(f"'{State.REFUSED}'"),
)
_ADD = bulk.insert_many(back_stage_registration, _COLUMNS)
_SAVE = bulk.update_many(back_stage_registration, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, BackStageRegistration]:
    """Load registrations, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def list_waiting(
    tx: db.Transaction, member_ids: Sequence[UUID]
) -> list[BackStageRegistration]:
    """Load the refused registrations of members, locked."""
    rows = await tx.fetch(_WAITING, member_ids=list(set(member_ids)))
    return [_from_row(row) for row in rows]


async def add_many(tx: db.Transaction, registrations: Sequence[BackStageRegistration]) -> None:
    """Insert registrations; raises VersionConflict if an arrival was registered meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, registrations)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, registrations: Sequence[BackStageRegistration]) -> None:
    """Write changed registrations; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, registrations)


def _from_row(row: db.Row) -> BackStageRegistration:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    reason = row["blocking_reason"]
    values["blocking_reason"] = None if reason is None else BlockingReason(reason)
    return BackStageRegistration(**values)
