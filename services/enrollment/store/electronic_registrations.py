"""Electronic registrations in the database: one record is filed once, unless it was returned."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.electronic_registration import (
    ElectronicRegistration,
    ReturnReason,
    Season,
    State,
)
from services.enrollment.store.status_tables import electronic_registration

_COLUMNS = [column.name for column in electronic_registration.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_GET = db.compile(
    select(electronic_registration)
    .where(electronic_registration.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(electronic_registration.c.id)
    .with_for_update()
)
_FILED = db.compile(
    select(electronic_registration.c.status_record_id, electronic_registration.c.id).where(
        electronic_registration.c.status_record_id
        == any_(bindparam("record_ids", type_=ARRAY(Uuid))),
        # Written out, so that the partial index serves it.
        electronic_registration.c.state != literal_column(f"'{State.RETURNED}'"),
    )
)
_OF_RECORDS = db.compile(
    select(electronic_registration)
    .where(
        electronic_registration.c.status_record_id
        == any_(bindparam("record_ids", type_=ARRAY(Uuid)))
    )
    .order_by(electronic_registration.c.id)
)
_ADD = bulk.insert_many(electronic_registration, _COLUMNS)
_SAVE = bulk.update_many(electronic_registration, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, ElectronicRegistration]:
    """Load registrations, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_filed(tx: db.Transaction, record_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the registration of each record that has one which was not returned."""
    rows = await tx.fetch(_FILED, record_ids=list(set(record_ids)))
    return {row["status_record_id"]: row["id"] for row in rows}


async def list_of_records(
    tx: db.Transaction, record_ids: Sequence[UUID]
) -> list[ElectronicRegistration]:
    """Load all registrations of records, those that were returned too."""
    rows = await tx.fetch(_OF_RECORDS, record_ids=list(set(record_ids)))
    return [_from_row(row) for row in rows]


async def add_many(tx: db.Transaction, registrations: Sequence[ElectronicRegistration]) -> None:
    """Insert registrations; raises VersionConflict if a record was filed meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, registrations)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, registrations: Sequence[ElectronicRegistration]) -> None:
    """Write changed registrations; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, registrations)


def _from_row(row: db.Row) -> ElectronicRegistration:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["season"] = Season(row["season"])
    reason = row["return_reason"]
    values["return_reason"] = None if reason is None else ReturnReason(reason)
    return ElectronicRegistration(**values)
