"""How many students of projects are on the books, wait for it, or may come back for a transfer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.store.tables import (
    back_stage_registration,
    cohort,
    cohort_member,
    pathway_project,
    status_record,
)


@dataclass(frozen=True, slots=True)
class Students:
    """The students of a project that are not done with it."""

    students: int
    graduates: int


ON_BOOKS = ("IN_SCHOOL", "AWAY")
_PROJECT = pathway_project.c
_MEMBERS = (
    select(cohort_member.c.id)
    .join(cohort, cohort.c.id == cohort_member.c.cohort_id)
    .where(cohort.c.project_id == _PROJECT.id)
    .correlate(pathway_project)
)


def _count(statement: Select[Any]) -> ColumnElement[int]:
    """Count the rows of a statement for the project of the outer one."""
    counted = statement.with_only_columns(func.count(), maintain_column_froms=True)
    return counted.correlate(pathway_project).scalar_subquery()


_COUNTS = db.compile(
    select(
        _PROJECT.id,
        _count(
            select(status_record.c.id).where(
                status_record.c.project_id == _PROJECT.id,
                status_record.c.state.in_([literal_column(f"'{each}'") for each in ON_BOOKS]),
            )
        ).label("on_books"),
        _count(
            select(back_stage_registration.c.id).where(
                back_stage_registration.c.member_id.in_(_MEMBERS),
                back_stage_registration.c.state == literal_column("'REFUSED'"),
            )
        ).label("waiting"),
        _count(_MEMBERS.where(cohort_member.c.state == literal_column("'GRADUATED'"))).label(
            "graduates"
        ),
    ).where(_PROJECT.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
)


async def count_students(tx: db.Transaction, project_ids: Sequence[UUID]) -> dict[UUID, Students]:
    """Return the counts of each project; who is on the books and waits is counted twice."""
    rows = await tx.fetch(_COUNTS, ids=list(set(project_ids)))
    return {row["id"]: Students(row["on_books"] + row["waiting"], row["graduates"]) for row in rows}
