"""Cohorts in the database: a cohort's lock is what joining it is serialised by."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.cohort import Cohort, State
from services.enrollment.store.tables import cohort

_COLUMNS = [column.name for column in cohort.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_GET = db.compile(
    select(cohort)
    .where(cohort.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(cohort.c.id)
    .with_for_update()
)
_OF_PROJECTS = db.compile(
    select(cohort.c.project_id, cohort.c.id).where(
        cohort.c.project_id == any_(bindparam("project_ids", type_=ARRAY(Uuid)))
    )
)
_ADD = bulk.insert_many(cohort, _COLUMNS)
_SAVE = bulk.update_many(cohort, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Cohort]:
    """Load cohorts, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_of_projects(tx: db.Transaction, project_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the id of the cohort of each project that has one."""
    rows = await tx.fetch(_OF_PROJECTS, project_ids=list(set(project_ids)))
    return {row["project_id"]: row["id"] for row in rows}


async def add_many(tx: db.Transaction, cohorts: Sequence[Cohort]) -> None:
    """Insert opened cohorts; raises VersionConflict if a project's was opened meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, cohorts, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, cohorts: Sequence[Cohort]) -> None:
    """Write changed cohorts; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, cohorts, _to_row)


def _to_row(each: Cohort) -> Mapping[str, Any]:
    return {**vars(each), "class_names": json.dumps(each.class_names)}


def _from_row(row: db.Row) -> Cohort:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["class_names"] = json.loads(row["class_names"])
    return Cohort(**values)
