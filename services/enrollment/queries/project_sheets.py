"""Reads the roster and quota sheet (R10) of any day: a line a project, and sums over a filter.

Members count in the state of their span on the day; who transferred is whoever has a back-stage
record by then that was not cancelled; who did not arrive gave up the place, as the transfer says.
The plan and the pair of majors are those of the project as it is now.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    distinct,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from chassis import db
from chassis.errors import PageTokenInvalid, ResourceNotFound
from chassis.names import name_of
from chassis.paging import Page, split
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.store.roster_tables import forfeited_place, member_span
from services.enrollment.store.tables import cohort, pathway_project, status_record

_PROJECT = pathway_project.c
_SPAN = member_span.c
_ON = bindparam("on", type_=Date)
_COLUMNS: Final = (
    "id",
    "project_number",
    "approval_document_number",
    "approval_year",
    "front",
    "back",
    "front_major",
    "front_major_code",
    "back_major",
    "back_major_code",
    "front_plan",
    "back_plan",
)
_STATES: Final = {
    "in_school_count": "ACTIVE",
    "suspended_count": "SUSPENDED",
    "lost_count": "LEFT",
    "graduated_count": "GRADUATED",
}
_COUNTS: Final = (*_STATES, "enrolled_count", "transferred_count", "not_arrived_count")
_MEMBERS = (
    select(
        func.count().label("enrolled_count"),
        *(
            func.count().filter(_SPAN.state == literal_column(f"'{state}'")).label(name)
            for name, state in _STATES.items()
        ),
    )
    .select_from(member_span.join(cohort, cohort.c.id == _SPAN.cohort_id))
    .where(
        cohort.c.project_id == _PROJECT.id,
        _SPAN.valid_from_date <= _ON,
        or_(_SPAN.valid_to_date.is_(None), _SPAN.valid_to_date >= _ON),
    )
    .correlate(pathway_project)
    .lateral("members")
)
_CANCELLED: ColumnElement[Any] = literal_column(f"'{StudentStatus.CANCELLED}'")
_TRANSFERRED = (
    select(func.count(distinct(status_record.c.member_id)))
    .where(
        status_record.c.project_id == _PROJECT.id,
        status_record.c.stage == literal_column("'BACK'"),
        status_record.c.valid_from_date <= _ON,
        not_(
            and_(
                status_record.c.status == _CANCELLED,
                func.coalesce(status_record.c.valid_to_date < _ON, literal_column("false")),
            )
        ),
    )
    .correlate(pathway_project)
    .scalar_subquery()
)
_NOT_ARRIVED = (
    select(func.count(distinct(forfeited_place.c.member_id)))
    .where(
        forfeited_place.c.project_id == _PROJECT.id,
        forfeited_place.c.forfeit_date <= _ON,
    )
    .correlate(pathway_project)
    .scalar_subquery()
)


def _if_asked(name: str, column: Any) -> ColumnElement[bool]:
    given = bindparam(name, type_=column.type)
    return or_(given.is_(None), column == given)


_SCOPE = bindparam("scope", type_=Text)
_SCOPED = or_(_SCOPE.is_(None), _PROJECT.front == _SCOPE, _PROJECT.back == _SCOPE)
_FILTERS: Final = {
    "approval_year": _PROJECT.approval_year,
    "front": _PROJECT.front,
    "back": _PROJECT.back,
    "front_major_code": _PROJECT.front_major_code,
    "back_major_code": _PROJECT.back_major_code,
}
_ASKED = [_if_asked(name, column) for name, column in _FILTERS.items()]


def _lines(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            *(_PROJECT[name] for name in _COLUMNS),
            *(_MEMBERS.c[name] for name in ("enrolled_count", *_STATES)),
            _TRANSFERRED.label("transferred_count"),
            _NOT_ARRIVED.label("not_arrived_count"),
        )
        .select_from(pathway_project.join(_MEMBERS, true()))
        .where(_SCOPED, *conditions)
    )


_AFTER = bindparam("after", type_=Uuid)
_GET = db.compile(_lines(_PROJECT.id == bindparam("id", type_=Uuid)))
_LIST = db.compile(
    _lines(*_ASKED, or_(_AFTER.is_(None), _PROJECT.id > _AFTER))
    .order_by(_PROJECT.id)
    .limit(bindparam("limit", type_=Integer))
)
_ALL = _lines(*_ASKED).subquery()
_TOTALS = db.compile(
    select(
        func.count().label("project_count"),
        *(
            func.coalesce(func.sum(_ALL.c[name]), literal_column("0")).label(name)
            for name in ("front_plan", "back_plan", *_COUNTS)
        ),
    )
)


async def get_project_sheet(
    reader: db.Reader, project_id: UUID, *, on: date, scope: str | None
) -> db.Row:
    """Return the line of a project that the caller may see; raises ResourceNotFound otherwise."""
    row = await reader.fetch_one(_GET, id=project_id, on=on, scope=scope)
    if row is None:
        raise ResourceNotFound(name=name_of("projectSheets", project_id))
    return row


async def list_project_sheets(
    reader: db.Reader, page: Page, *, on: date, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str, db.Row]:
    """Return a page of lines, the token of the next, and the sums over the whole filter.

    Filters: approval_year, front, back, front_major_code, back_major_code; None is off.
    """
    values = {"on": on, "scope": scope, **filters}
    rows = await reader.fetch(_LIST, **values, after=_key(page.after), limit=page.limit)
    totals = await reader.fetch_one(_TOTALS, **values)
    shown, next_token = split(page, rows, "id")
    return shown, next_token, totals or {}


def _key(after: str | None) -> UUID | None:
    """Return the key in a page token, which anybody may have made."""
    try:
        return None if after is None else UUID(after)
    except ValueError:
        raise PageTokenInvalid from None
