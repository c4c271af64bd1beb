"""Pathway projects in the database: loaded locked, saved guarded by version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.intakes import IntakeWarning
from services.enrollment.domain.pathway_project import PathwayProject, State
from services.enrollment.domain.pathways import InternshipArrangement, Level, Type
from services.enrollment.store.tables import pathway_project

# What makes two declarations the same.
Pair = tuple[int, str, str, str, str]
_PAIR = ("approval_year", "front", "front_major_code", "back", "back_major_code")

_COLUMNS = [column.name for column in pathway_project.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_BY_IDS = (
    select(pathway_project)
    .where(pathway_project.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(pathway_project.c.id)
)
_GET = db.compile(_BY_IDS)
_GET_LOCKED = db.compile(_BY_IDS.with_for_update())
_PAIRS = db.compile(
    select(pathway_project.c.id, *(pathway_project.c[name] for name in _PAIR)).where(
        pathway_project.c.approval_year == any_(bindparam("years", type_=ARRAY(Integer))),
        pathway_project.c.back == any_(bindparam("backs", type_=ARRAY(Text))),
    )
)
_KEYS = {"front": Text, "front_major_code": Text, "back": Text, "back_major_code": Text}


def _of_pairs() -> db.Statement:
    arrays = (bindparam(f"{name}_", type_=ARRAY(kind)) for name, kind in _KEYS.items())
    wanted = func.unnest(*arrays).table_valued(*_KEYS, joins_implicitly=True).render_derived()
    return db.compile(
        select(pathway_project)
        .where(
            pathway_project.c.approval_year == bindparam("approval_year", type_=Integer),
            *(pathway_project.c[name] == wanted.c[name] for name in _KEYS),
        )
        .order_by(pathway_project.c.id)
        .with_for_update(of=pathway_project)
    )


_OF_PAIRS = _of_pairs()
_ADD = bulk.insert_many(pathway_project, _COLUMNS)
_SAVE = bulk.update_many(pathway_project, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, PathwayProject]:
    """Load projects of which a command relies on what never changes after approval."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def get_many_locked(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, PathwayProject]:
    """Load projects that a command changes, locked in the order of their ids."""
    rows = await tx.fetch(_GET_LOCKED, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


def pair_of(project: PathwayProject) -> Pair:
    """Return what makes this project's declaration the only one of its kind."""
    return (
        project.approval_year,
        project.front,
        project.front_major_code,
        project.back,
        project.back_major_code,
    )


async def find_declared(
    tx: db.Transaction, *, years: Sequence[int], backs: Sequence[str]
) -> dict[Pair, UUID]:
    """Return the projects of these years and back colleges by their pair."""
    rows = await tx.fetch(_PAIRS, years=list(years), backs=list(backs))
    return {tuple(row[name] for name in _PAIR): row["id"] for row in rows}


async def get_of_pairs(
    tx: db.Transaction, pairs: Sequence[Pair], *, approval_year: int
) -> dict[Pair, PathwayProject]:
    """Load the projects of these pairs of one year, locked in the order of their ids."""
    values = {f"{name}_": [pair[at] for pair in pairs] for at, name in enumerate(_KEYS, start=1)}
    rows = await tx.fetch(_OF_PAIRS, approval_year=approval_year, **values)
    projects = (_from_row(row) for row in rows)
    return {pair_of(project): project for project in projects}


async def add_many(tx: db.Transaction, projects: Sequence[PathwayProject]) -> None:
    """Insert declared projects; raises VersionConflict if a pair was declared meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, projects, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, projects: Sequence[PathwayProject]) -> None:
    """Write changed projects; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, projects, _to_row)


def _to_row(project: PathwayProject) -> Mapping[str, Any]:
    warnings = json.dumps([asdict(each) for each in project.warnings])
    return {**vars(project), "warnings": warnings}


def _from_row(row: db.Row) -> PathwayProject:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    values["type"] = Type(row["type"])
    values["front_level"] = Level(row["front_level"])
    values["back_level"] = Level(row["back_level"])
    for name in ("front_internship_arrangement", "back_internship_arrangement"):
        values[name] = row[name] and InternshipArrangement(row[name])
    values["warnings"] = [IntakeWarning(**each) for each in json.loads(row["warnings"])]
    return PathwayProject(**values)
