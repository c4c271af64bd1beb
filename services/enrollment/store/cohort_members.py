"""Memberships in the database, and how many of a cohort's places were ever given.

Whatever a command changes of members is written here, and with it the spans of their states.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, Text, Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.cohort_member import CohortMember, State, Why
from services.enrollment.store import member_spans
from services.enrollment.store.tables import cohort_member

_COLUMNS = [column.name for column in cohort_member.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]


def _where(name: str) -> Any:
    return cohort_member.c[name] == any_(bindparam("ids", type_=ARRAY(Uuid)))


_GET = db.compile(
    select(cohort_member).where(_where("id")).order_by(cohort_member.c.id).with_for_update()
)
_COHORTS = db.compile(select(cohort_member.c.cohort_id).where(_where("id")))
_PATHWAY_STATES: list[ColumnElement[str]] = [
    literal_column("'ACTIVE'"),
    literal_column("'SUSPENDED'"),
]
_IN_PATHWAY = db.compile(
    select(cohort_member.c.id, cohort_member.c.cohort_id).where(
        _where("id"), cohort_member.c.state.in_(_PATHWAY_STATES)
    )
)
_OF_CLASS = db.compile(
    select(cohort_member)
    .where(
        cohort_member.c.cohort_id == bindparam("cohort_id", type_=Uuid),
        cohort_member.c.class_name == bindparam("class_name", type_=Text),
        cohort_member.c.state.in_(_PATHWAY_STATES),
    )
    .order_by(cohort_member.c.id)
)
_OF_PERSONS = db.compile(select(cohort_member).where(_where("person_id")))
_COUNT = db.compile(
    select(cohort_member.c.cohort_id, func.count().label("count"))
    .where(_where("cohort_id"))
    .group_by(cohort_member.c.cohort_id)
)
_ADD = bulk.insert_many(cohort_member, _COLUMNS)
_SAVE = bulk.update_many(cohort_member, _WRITTEN)


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, CohortMember]:
    """Load members, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: _from_row(row) for row in rows}


async def find_cohort_ids(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return the cohorts of members, who are not locked: a member never changes its cohort."""
    return [row["cohort_id"] for row in await tx.fetch(_COHORTS, ids=list(set(ids)))]


async def find_pathway_cohorts(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the cohorts of those members who are in the pathway; they are not locked."""
    rows = await tx.fetch(_IN_PATHWAY, ids=list(set(ids)))
    return {row["id"]: row["cohort_id"] for row in rows}


async def list_of_class(tx: db.Transaction, cohort_id: UUID, class_name: str) -> list[CohortMember]:
    """Find the members of a class who are in the pathway; they are not locked."""
    rows = await tx.fetch(_OF_CLASS, cohort_id=cohort_id, class_name=class_name)
    return [_from_row(row) for row in rows]


async def list_of_persons(tx: db.Transaction, person_ids: Sequence[UUID]) -> list[CohortMember]:
    """Load all memberships of persons; a person has very few."""
    rows = await tx.fetch(_OF_PERSONS, ids=list(set(person_ids)))
    return [_from_row(row) for row in rows]


async def count_enrolled(tx: db.Transaction, cohort_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count all members that cohorts ever had: who leaves still counts (GD19).

    The caller holds the locks of the cohorts: the count is then exact until it commits.
    """
    rows = await tx.fetch(_COUNT, ids=list(set(cohort_ids)))
    return {row["cohort_id"]: row["count"] for row in rows}


async def add_many(tx: db.Transaction, members: Sequence[CohortMember]) -> None:
    """Insert members; raises VersionConflict if a person was enrolled elsewhere meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, members)
        await member_spans.add_many(tx, members)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, members: Sequence[CohortMember]) -> None:
    """Write changed members; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, members)
    await member_spans.follow(tx, members)


def _from_row(row: db.Row) -> CohortMember:
    return CohortMember(**{**row, "state": State(row["state"]), "why": Why(row["why"])})
