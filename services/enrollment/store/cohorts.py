"""Cohorts in the database: a cohort's lock is what joining it is serialised by."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.cohort import Cohort, State
from services.enrollment.domain.events import Event
from services.enrollment.store.roster_tables import cohort_class
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
_CLASS_COLUMNS = [column.name for column in cohort_class.columns]
_CLASSES = db.compile(
    select(cohort_class).where(cohort_class.c.front == any_(bindparam("fronts", type_=ARRAY(Text))))
)
_DROP_CLASSES = db.compile(
    delete(cohort_class).where(
        cohort_class.c.cohort_id == any_(bindparam("cohort_ids", type_=ARRAY(Uuid)))
    )
)
_ADD_CLASSES = bulk.insert_many(cohort_class, _CLASS_COLUMNS)
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
    """Insert opened cohorts; VersionConflict if a project's, or a class, was opened meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, cohorts, _to_row)
        await _add_classes(tx, cohorts)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, cohorts: Sequence[Cohort]) -> None:
    """Write changed cohorts; VersionConflict if one was changed, or a class taken, meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, cohorts, _to_row)
    renamed = [each for each in cohorts if each.event is Event.CLASS_RENAMED]
    if renamed:
        await tx.execute(_DROP_CLASSES, cohort_ids=[each.id for each in renamed])
        try:
            await _add_classes(tx, renamed)
        except asyncpg.UniqueViolationError as error:
            raise db.VersionConflict from error


async def find_classes(
    tx: db.Transaction, fronts: Sequence[str]
) -> defaultdict[tuple[str, int], dict[str, UUID]]:
    """Return whose the classes of front schools are, by school and year of intake."""
    found: defaultdict[tuple[str, int], dict[str, UUID]] = defaultdict(dict)
    for row in await tx.fetch(_CLASSES, fronts=list(set(fronts))):
        found[row["front"], row["intake_year"]][row["class_name"]] = row["cohort_id"]
    return found


async def find_separate_classes(
    tx: db.Transaction, schools: Sequence[str]
) -> dict[str, dict[str, frozenset[UUID]]]:
    """Return the classes of schools' pathway cohorts, of any year, and whose each is."""
    found: dict[str, dict[str, frozenset[UUID]]] = {}
    for row in await tx.fetch(_CLASSES, fronts=list(set(schools))):
        classes = found.setdefault(row["front"], {})
        holders = classes.get(row["class_name"], frozenset())
        classes[row["class_name"]] = holders | {row["cohort_id"]}
    return found


async def _add_classes(tx: db.Transaction, cohorts: Sequence[Cohort]) -> None:
    rows = [
        {
            "front": each.front,
            "class_name": class_name,
            "intake_year": each.intake_date.year,
            "cohort_id": each.id,
        }
        for each in cohorts
        for class_name in each.class_names
    ]
    await tx.execute(_ADD_CLASSES, **bulk.arrays(_CLASS_COLUMNS, rows))


def _to_row(each: Cohort) -> Mapping[str, Any]:
    return {**vars(each), "class_names": json.dumps(each.class_names)}


def _from_row(row: db.Row) -> Cohort:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["class_names"] = json.loads(row["class_names"])
    return Cohort(**values)
