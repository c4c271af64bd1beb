"""Applications in the database: loaded locked, saved guarded by version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import (
    LIVE_ADMISSIONS,
    Diversion,
    RetentionKind,
    State,
)
from services.transfer.domain.scheme import Mark
from services.transfer.store.tables import application

_COLUMNS = [column.name for column in application.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_concerned = application.alias("concerned")
_GET = db.compile(
    select(application)
    .where(application.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(application.c.id)
    .with_for_update()
)
_OF_BATCH = db.compile(
    select(application)
    .where(
        application.c.batch_id == bindparam("batch_id", type_=Uuid),
        application.c.state == any_(bindparam("states", type_=ARRAY(Text))),
    )
    .order_by(application.c.id)
    .with_for_update()
)
_COUNT = db.compile(
    select(application.c.state, func.count().label("count"))
    .where(
        application.c.batch_id == bindparam("batch_id", type_=Uuid),
        application.c.state == any_(bindparam("states", type_=ARRAY(Text))),
    )
    .group_by(application.c.state)
)
_MEMBERS = db.compile(
    select(application.c.batch_id, application.c.member_id).where(
        application.c.batch_id == any_(bindparam("batch_ids", type_=ARRAY(Uuid))),
        application.c.member_id == any_(bindparam("member_ids", type_=ARRAY(Uuid))),
    )
)
_LIVE = db.compile(
    select(application.c.person_id, application.c.transfer_year).where(
        application.c.person_id.in_(
            select(_concerned.c.person_id).where(
                _concerned.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
            )
        ),
        # Written out, so that the partial index serves it.
        application.c.state.in_(
            [literal_column(f"'{state}'") for state in sorted(LIVE_ADMISSIONS)]
        ),
    )
)
_ADD = bulk.insert_many(application, _COLUMNS)
_SAVE = bulk.update_many(application, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Application]:
    """Load applications, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(ids))
    return {row["id"]: _from_row(row) for row in rows}


async def list_of_batch(
    tx: db.Transaction, batch_id: UUID, states: Sequence[State]
) -> list[Application]:
    """Load the applications of a batch in these states, locked; a batch is bounded by its plan."""
    rows = await tx.fetch(_OF_BATCH, batch_id=batch_id, states=list(states))
    return [_from_row(row) for row in rows]


async def count_by_state(
    tx: db.Transaction, batch_id: UUID, states: Sequence[State]
) -> dict[str, int]:
    """Count the applications of a batch that are in these states."""
    rows = await tx.fetch(_COUNT, batch_id=batch_id, states=list(states))
    return {row["state"]: row["count"] for row in rows}


async def find_applied(
    tx: db.Transaction, *, batch_ids: Sequence[UUID], member_ids: Sequence[UUID]
) -> set[tuple[UUID, UUID]]:
    """Return the pairs (batch, member) that have an application."""
    rows = await tx.fetch(_MEMBERS, batch_ids=list(batch_ids), member_ids=list(member_ids))
    return {(row["batch_id"], row["member_id"]) for row in rows}


async def find_live_admissions_of(tx: db.Transaction, ids: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """Return the pairs (person, year) with a live admission, of the persons of applications."""
    rows = await tx.fetch(_LIVE, ids=list(ids))
    return {(row["person_id"], row["transfer_year"]) for row in rows}


async def add_many(tx: db.Transaction, applications: Sequence[Application]) -> None:
    """Insert drafted applications; VersionConflict if another call drafted one meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, applications, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, applications: Sequence[Application]) -> None:
    """Write changed applications.

    Raises VersionConflict if one was changed meanwhile, or if an admission made meanwhile by
    another call took the person's place: the rerun then finds it.
    """
    try:
        await bulk.save(tx, _SAVE, _WRITTEN, applications, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


def _to_row(each: Application) -> Mapping[str, Any]:
    return {**vars(each), "marks": json.dumps([asdict(mark) for mark in each.marks])}


def _from_row(row: db.Row) -> Application:
    values = dict(row)
    values["state"] = State(row["state"])
    values["marks"] = tuple(Mark(**each) for each in json.loads(row["marks"]))
    values["retention_kind"] = row["retention_kind"] and RetentionKind(row["retention_kind"])
    values["diversion"] = row["diversion"] and Diversion(row["diversion"])
    return Application(**values)
