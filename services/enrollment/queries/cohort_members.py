"""Reads the members of cohorts, of now and of any other day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, literal_column, or_, select
from sqlalchemy.sql.elements import ColumnClause

from chassis import db
from chassis.listing import Filter, Listing
from chassis.paging import Page
from services.enrollment.store.roster_tables import member_span
from services.enrollment.store.tables import cohort_member

_PARTIES = [cohort_member.c.front, cohort_member.c.back]


def _held_at(name: str) -> ColumnElement[bool]:
    on = bindparam(name, type_=Date)
    ends = member_span.c.valid_to_date
    return and_(member_span.c.valid_from_date <= on, or_(ends.is_(None), ends >= on))


def _left(*, is_first: bool) -> Filter:
    """Return the condition that a member left not before, or not after, a day."""

    def condition(name: str) -> ColumnElement[bool]:
        on = bindparam(name, type_=Date)
        left_on = cohort_member.c.state_from_date
        return and_(
            cohort_member.c.state == literal_column("'LEFT'"),
            left_on >= on if is_first else left_on <= on,
        )

    return condition


_NEVER_SAID = {"left_reason": "''", "sealed_left_reason": "''::bytea"}


def _then(name: str) -> ColumnElement[Any]:
    """Return what was only said when the member left, and is empty for the days before."""
    column = cohort_member.c[name]
    empty: ColumnClause[Any] = literal_column(_NEVER_SAID.get(name, "NULL"))
    return case((member_span.c.state == literal_column("'LEFT'"), column), else_=empty).label(name)


_LEFT_FILTERS: dict[str, Filter] = {
    "left_from_date": _left(is_first=True),
    "left_to_date": _left(is_first=False),
}
_LISTING = Listing(
    select(cohort_member),
    key=cohort_member.c.id,
    filters={
        **{name: cohort_member.c[name] for name in ("cohort_id", "state", "class_name")},
        **_LEFT_FILTERS,
    },
    parties=_PARTIES,
)
_OF_THE_DAY = ("state", "class_name", "why")
_SPANNED = {*_OF_THE_DAY, "state_from_date", "left_reason", "sealed_left_reason", "left_time"}
# The span that held on the day stands in for what has changed since.
_ROSTER = Listing(
    select(
        *(column for column in cohort_member.columns if column.name not in _SPANNED),
        *(member_span.c[name] for name in _OF_THE_DAY),
        member_span.c.valid_from_date.label("state_from_date"),
        _then("left_reason"),
        _then("sealed_left_reason"),
        _then("left_time"),
    ).join(member_span, member_span.c.member_id == cohort_member.c.id),
    key=cohort_member.c.id,
    filters={
        "cohort_id": cohort_member.c.cohort_id,
        "state": member_span.c.state,
        "class_name": member_span.c.class_name,
        "at_date": _held_at,
        **_LEFT_FILTERS,
    },
    parties=_PARTIES,
)


async def get_cohort_member(reader: db.Reader, member_id: UUID, *, scope: str | None) -> db.Row:
    """Return a member that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "cohortMembers", member_id, scope=scope)


async def list_cohort_members(
    reader: db.Reader, page: Page, *, scope: str | None, at_date: date | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of members and the token of the next, of the present or of a day.

    Filters: cohort_id, state, class_name, left_from_date, left_to_date.
    """
    if at_date is None:
        return await _LISTING.fetch(reader, page, scope=scope, **filters)
    return await _ROSTER.fetch(reader, page, scope=scope, at_date=at_date, **filters)
