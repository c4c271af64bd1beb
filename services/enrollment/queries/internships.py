"""Reads internships and their points.

An internship is seen by its school, and by its enterprise while the student consents to that
(PIPL 23); a point by its school and its enterprise.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, or_, select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.domain.consent import Purpose
from services.enrollment.queries.families import of_family
from services.enrollment.store.internship_tables import internship, internship_point
from services.enrollment.store.person_tables import consent


def _seen_by(name: str) -> ColumnElement[bool]:
    party = bindparam(name, type_=Text)
    consents = select(consent.c.id).where(
        consent.c.person_id == internship.c.person_id,
        consent.c.purpose == Purpose.ENTERPRISE.value,
        consent.c.state == "GIVEN",
    )
    return or_(
        internship.c.organisation == party,
        and_(internship.c.enterprise == party, consents.exists()),
    )


def _is_day_of(name: str) -> ColumnElement[bool]:
    """A day at work: of one that was broken off only those that it had."""
    day = bindparam(name, type_=Date)
    return and_(
        internship.c.start_date <= day,
        internship.c.end_date >= day,
        or_(internship.c.state != "BROKEN_OFF", internship.c.break_off_date >= day),
    )


def _is_open_on(name: str) -> ColumnElement[bool]:
    day = bindparam(name, type_=Date)
    ends = internship_point.c.valid_to_date
    return and_(internship_point.c.valid_from_date <= day, or_(ends.is_(None), ends >= day))


_INTERNSHIPS = Listing(
    select(internship),
    key=internship.c.id,
    filters={
        **{
            name: internship.c[name] for name in ("organisation", "enterprise", "point_id", "state")
        },
        "person_id": lambda name: of_family(internship.c.person_id, name),
        "at_date": _is_day_of,
        "seen_by": _seen_by,
    },
)
_POINTS = Listing(
    select(internship_point),
    key=internship_point.c.id,
    filters={
        **{name: internship_point.c[name] for name in ("organisation", "enterprise", "state")},
        "at_date": _is_open_on,
    },
    parties=[internship_point.c.organisation, internship_point.c.enterprise],
)


async def get_internship(reader: db.Reader, internship_id: UUID, *, scope: str | None) -> db.Row:
    """Return an internship that the caller may see; raises ResourceNotFound otherwise."""
    return await _INTERNSHIPS.get(reader, "internships", internship_id, scope=None, seen_by=scope)


async def list_internships(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page and the token of the next.

    Filters: person_id, organisation, enterprise, point_id, state, at_date.
    """
    return await _INTERNSHIPS.fetch(reader, page, scope=None, seen_by=scope, **filters)


async def get_internship_point(reader: db.Reader, point_id: UUID, *, scope: str | None) -> db.Row:
    """Return a point that the caller may see; raises ResourceNotFound otherwise."""
    return await _POINTS.get(reader, "internshipPoints", point_id, scope=scope)


async def list_internship_points(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page and the token of the next.

    Filters: organisation, enterprise, state, at_date.
    """
    return await _POINTS.fetch(reader, page, scope=scope, **filters)
