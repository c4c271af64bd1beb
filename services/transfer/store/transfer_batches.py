"""Batches in the database: loaded locked, saved guarded by version, places moved by difference."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, Uuid, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.transfer.domain.scheme import Scheme, SchemeComponent
from services.transfer.domain.transfer_batch import PlaceMove, State, TransferBatch
from services.transfer.store.tables import application, transfer_batch

_PLACES = ["reserved", "admitted", "lapsed"]
_WRITTEN = [
    column.name
    for column in transfer_batch.columns
    if column.name not in {"id", "version", *_PLACES}
]
_BY_IDS = (
    select(transfer_batch)
    .where(transfer_batch.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(transfer_batch.c.id)
)
_GET_FOR_UPDATE = db.compile(_BY_IDS.with_for_update())
_GET_FOR_SHARE = db.compile(_BY_IDS.with_for_update(read=True))
_OF_APPLICATIONS = (
    select(transfer_batch)
    .where(
        transfer_batch.c.id.in_(
            select(application.c.batch_id).where(
                application.c.id == any_(bindparam("application_ids", type_=ARRAY(Uuid)))
            )
        )
    )
    .order_by(transfer_batch.c.id)
)
_OF_APPLICATIONS_FOR_UPDATE = db.compile(_OF_APPLICATIONS.with_for_update())
_OF_APPLICATIONS_FOR_SHARE = db.compile(_OF_APPLICATIONS.with_for_update(read=True))
_PROJECTS = db.compile(
    select(transfer_batch.c.project_id).where(
        transfer_batch.c.project_id == any_(bindparam("project_ids", type_=ARRAY(Uuid)))
    )
)
_ADD = bulk.insert_many(transfer_batch, ["id", "version", *_WRITTEN, *_PLACES])
_SAVE = bulk.update_many(transfer_batch, _WRITTEN)
_MOVE = db.compile(
    update(transfer_batch)
    .where(transfer_batch.c.id == bindparam("batch_id", type_=Uuid))
    .values(
        {name: transfer_batch.c[name] + bindparam(f"add_{name}", type_=Integer) for name in _PLACES}
    )
)


async def get_many_locked(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, TransferBatch]:
    """Load batches that the command changes, locked in the order of their ids."""
    rows = await tx.fetch(_GET_FOR_UPDATE, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def get_many_shared(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, TransferBatch]:
    """Load batches that the command relies on: they cannot change until it commits."""
    rows = await tx.fetch(_GET_FOR_SHARE, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def get_many_of_applications(
    tx: db.Transaction, application_ids: Sequence[UUID], *, moves_places: bool
) -> dict[UUID, TransferBatch]:
    """Load the batches of applications, before these are locked: batches always come first.

    Locked so that they cannot change; with `moves_places` so that nobody else moves places.
    """
    statement = _OF_APPLICATIONS_FOR_UPDATE if moves_places else _OF_APPLICATIONS_FOR_SHARE
    rows = await tx.fetch(statement, application_ids=list(application_ids))
    return {row["id"]: _from_row(row) for row in rows}


async def find_projects_with_batch(tx: db.Transaction, project_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the projects have a batch."""
    rows = await tx.fetch(_PROJECTS, project_ids=list(project_ids))
    return {row["project_id"] for row in rows}


async def add_many(tx: db.Transaction, batches: Sequence[TransferBatch]) -> None:
    """Insert drafted batches; raises VersionConflict if another call drafted one meanwhile."""
    try:
        await bulk.add(tx, _ADD, ["id", "version", *_WRITTEN, *_PLACES], batches, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, batches: Sequence[TransferBatch]) -> None:
    """Write changed batches; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, batches, _to_row)


async def move_places(tx: db.Transaction, moves: Mapping[UUID, PlaceMove]) -> None:
    """Move places; the table's check refuses what would break their sum."""
    for batch_id, move in sorted(moves.items()):
        if move != PlaceMove():
            await tx.execute(
                _MOVE,
                batch_id=batch_id,
                add_reserved=move.reserved,
                add_admitted=move.admitted,
                add_lapsed=move.lapsed,
            )


def _to_row(batch: TransferBatch) -> Mapping[str, Any]:
    row = dict(vars(batch))
    scheme: Scheme = row.pop("scheme")
    row["components"] = json.dumps([asdict(component) for component in scheme.components])
    row["minimum_total_hundredths"] = scheme.minimum_total_hundredths
    return row


def _from_row(row: db.Row) -> TransferBatch:
    values = dict(row)
    values["state"] = State(row["state"])
    components = values.pop("components")
    values["scheme"] = _scheme(components, values.pop("minimum_total_hundredths"))
    return TransferBatch(**values)


# A scheme never changes, and each command on a batch's applications reads it.
@lru_cache(maxsize=1024)
def _scheme(components: str, minimum_total_hundredths: int) -> Scheme:
    return Scheme(
        components=tuple(SchemeComponent(**each) for each in json.loads(components)),
        minimum_total_hundredths=minimum_total_hundredths,
    )
