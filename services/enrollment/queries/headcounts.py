"""Counts the students of a day, present or past, by status: of one school, or of many.

A status held on a day is the present one of an open record, or a past period of any record.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Text,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from chassis import db
from chassis.errors import PageTokenInvalid
from chassis.paging import Page, split
from services.enrollment.domain.student_status import IN_SCHOOL, ON_BOOKS, StudentStatus
from services.enrollment.queries.regions import was_in_region
from services.enrollment.store.status_tables import status_period
from services.enrollment.store.tables import status_record

_ON = bindparam("on", type_=Date)
_PRESENT = select(
    status_record.c.organisation,
    status_record.c.level,
    status_record.c.major_code,
    status_record.c.status,
    status_record.c.register_date,
).where(status_record.c.valid_to_date.is_(None), status_record.c.status_from_date <= _ON)
_PAST = (
    select(
        status_period.c.organisation,
        status_period.c.level,
        status_period.c.major_code,
        status_period.c.status,
        status_record.c.register_date,
    )
    .join(status_record, status_record.c.id == status_period.c.record_id)
    .where(status_period.c.valid_from_date <= _ON, status_period.c.valid_to_date >= _ON)
)
_HELD = union_all(_PRESENT, _PAST).subquery()


class Filters(NamedTuple):
    """Whom to count: an empty text counts all, None counts every school that there is."""

    organisation: str | None = None
    level: str = ""
    major_code: str = ""
    region_prefix: str = ""
    registered_only: bool = False


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


_FILTERS = (
    or_(_text("organisation").is_(None), _HELD.c.organisation == _text("organisation")),
    or_(_text("level") == "", _HELD.c.level == _text("level")),
    or_(_text("major_code") == "", _HELD.c.major_code == _text("major_code")),
    or_(not_(bindparam("registered_only", type_=Boolean)), _HELD.c.register_date <= _ON),
)
_BY_REGION = or_(
    _text("region_prefix") == "",
    was_in_region(_HELD.c.organisation, _text("region_prefix"), _ON),
)
_COUNT = db.compile(
    select(_HELD.c.status, func.count().label("count"))
    .where(*_FILTERS)
    .group_by(_HELD.c.status)
    .order_by(_HELD.c.status)
)


def _counted(statuses: frozenset[StudentStatus], label: str) -> Any:
    names: list[ColumnElement[str]] = [literal_column(f"'{each}'") for each in sorted(statuses)]
    return func.count().filter(_HELD.c.status.in_(names)).label(label)


_COUNTS = (_counted(IN_SCHOOL, "in_school_count"), _counted(ON_BOOKS, "on_books_count"))
_GROUP = (_HELD.c.organisation, _HELD.c.level, _HELD.c.major_code)
_KEY = func.concat_ws(literal_column("'|'"), *_GROUP)
_HEADCOUNTS = db.compile(
    select(*_GROUP, *_COUNTS, _KEY.label("key"))
    .where(
        *_FILTERS,
        _BY_REGION,
        or_(_text("after").is_(None), _text("after") < _KEY),
    )
    .group_by(*_GROUP)
    .order_by(_KEY)
    .limit(bindparam("limit", type_=Integer))
)
_TOTALS = db.compile(select(*_COUNTS).where(*_FILTERS, _BY_REGION))


async def count_by_status(
    reader: db.Reader,
    organisation_id: str,
    *,
    on: date,
    level: str,
    registered_only: bool,
    major_code: str = "",
) -> dict[StudentStatus, int]:
    """Return how many students held each status on a day; an empty level counts all."""
    rows = await reader.fetch(
        _COUNT,
        on=on,
        organisation=organisation_id,
        level=level,
        major_code=major_code,
        registered_only=registered_only,
    )
    return {StudentStatus(row["status"]): row["count"] for row in rows}


async def list_headcounts(
    reader: db.Reader, page: Page, filters: Filters, *, on: date
) -> tuple[Sequence[db.Row], str, db.Row]:
    """Return a page of counts by school, level and major, the next token, and the totals."""
    if page.after is not None and not page.after.isprintable():
        raise PageTokenInvalid
    values = {**filters._asdict(), "on": on}
    rows = await reader.fetch(_HEADCOUNTS, **values, after=page.after, limit=page.limit)
    totals = await reader.fetch_one(_TOTALS, **values)
    shown, next_token = split(page, rows, "key")
    return shown, next_token, totals or {}
