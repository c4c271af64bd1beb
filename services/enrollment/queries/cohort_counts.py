"""Counts members by the state in which they were on a day: of a cohort, a project or a school."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, Uuid, bindparam, func, literal_column, or_, select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.names import name_of
from services.enrollment.store.roster_tables import member_span
from services.enrollment.store.tables import cohort, organisation, pathway_project

_SPAN = member_span.c
_ON = bindparam("on", type_=Date)
_OPEN_TO_ALL = bindparam("scope", type_=Text).is_(None)
_SCOPE = bindparam("scope", type_=Text)
_WHOSE = {
    "cohort": _SPAN.cohort_id == bindparam("id", type_=Uuid),
    "project": _SPAN.cohort_id
    == select(cohort.c.id)
    .where(cohort.c.project_id == bindparam("id", type_=Uuid))
    .scalar_subquery(),
    "school": _SPAN.cohort_id.in_(
        select(cohort.c.id).where(
            or_(
                cohort.c.front == bindparam("id", type_=Text),
                cohort.c.back == bindparam("id", type_=Text),
            )
        )
    ),
}
_COUNTS = {
    whose: db.compile(
        select(_SPAN.state, _SPAN.why, func.count().label("count"))
        .where(
            condition,
            _SPAN.valid_from_date <= _ON,
            or_(_SPAN.valid_to_date.is_(None), _SPAN.valid_to_date >= _ON),
        )
        .group_by(_SPAN.state, _SPAN.why)
        .order_by(_SPAN.state, _SPAN.why)
    )
    for whose, condition in _WHOSE.items()
}
_ONE: ColumnElement[Any] = literal_column("1")
_SEEN = {
    "cohort": db.compile(
        select(_ONE)
        .select_from(cohort)
        .where(
            cohort.c.id == bindparam("id", type_=Uuid),
            or_(_OPEN_TO_ALL, cohort.c.front == _SCOPE, cohort.c.back == _SCOPE),
        )
    ),
    "project": db.compile(
        select(_ONE)
        .select_from(pathway_project)
        .where(
            pathway_project.c.id == bindparam("id", type_=Uuid),
            or_(_OPEN_TO_ALL, pathway_project.c.front == _SCOPE, pathway_project.c.back == _SCOPE),
        )
    ),
    "school": db.compile(
        select(_ONE)
        .select_from(organisation)
        .where(
            organisation.c.id == bindparam("id", type_=Text),
            or_(_OPEN_TO_ALL, organisation.c.id == _SCOPE),
        )
    ),
}
_COLLECTIONS = {"cohort": "cohorts", "project": "pathwayProjects", "school": "organisations"}


async def count_members(
    reader: db.Reader, whose: str, identity: UUID | str, *, on: date, scope: str | None
) -> Sequence[db.Row]:
    """Return how many members were in each state for each reason on a day.

    `whose` is cohort, project or school. Raises ResourceNotFound where the caller sees none.
    """
    values: dict[str, Any] = {"id": identity}
    if await reader.fetch_value(_SEEN[whose], scope=scope, **values) is None:
        raise ResourceNotFound(name=name_of(_COLLECTIONS[whose], identity))
    return await reader.fetch(_COUNTS[whose], on=on, **values)
