"""Objections in the database: loaded locked, saved guarded by version."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.transfer.domain.objection import Objection, State
from services.transfer.store.tables import objection

_COLUMNS = [column.name for column in objection.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_GET = db.compile(
    select(objection)
    .where(objection.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(objection.c.id)
    .with_for_update()
)
_APPLICATIONS = db.compile(
    select(objection.c.application_id).where(
        objection.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_COUNT_OPEN = db.compile(
    select(func.count()).where(
        objection.c.batch_id == bindparam("batch_id", type_=Uuid),
        objection.c.state == literal_column("'OPEN'"),
    )
)
_ADD = bulk.insert_many(objection, _COLUMNS)
_SAVE = bulk.update_many(objection, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Objection]:
    """Load objections, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(ids))
    return {row["id"]: Objection(**{**dict(row), "state": State(row["state"])}) for row in rows}


async def find_application_ids(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return the applications that objections are about; what an objection is about stays."""
    rows = await tx.fetch(_APPLICATIONS, ids=list(ids))
    return [row["application_id"] for row in rows]


async def count_open(tx: db.Transaction, batch_id: UUID) -> int:
    """Count the undecided objections to a batch's list."""
    return int(await tx.fetch_value(_COUNT_OPEN, batch_id=batch_id))


async def add_many(tx: db.Transaction, objections: Sequence[Objection]) -> None:
    """Insert raised objections."""
    await bulk.add(tx, _ADD, _COLUMNS, objections)


async def save_many(tx: db.Transaction, objections: Sequence[Objection]) -> None:
    """Write changed objections; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, objections)
