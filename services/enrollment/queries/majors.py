"""Reads majors: entries, what a code meant on a day, and what followed it. Open to everybody."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, bindparam, func, or_, select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.domain.major import Major
from services.enrollment.domain.major_refusals import MajorUnknown
from services.enrollment.store import majors
from services.enrollment.store.major_tables import major


def _has_name(name: str) -> ColumnElement[bool]:
    return func.strpos(major.c.display_name, bindparam(name, type_=Text)) > 0


def _is_in_force(name: str) -> ColumnElement[bool]:
    on = bindparam(name, type_=Date)
    last = major.c.valid_to_date
    return (major.c.valid_from_date <= on) & or_(last.is_(None), last >= on)


_LISTING = Listing(
    select(major),
    key=major.c.number,
    filters={
        **{name: major.c[name] for name in ("id", "level", "catalogue_year", "code")},
        "name_contains": _has_name,
        "at_date": _is_in_force,
    },
)


async def get_major(reader: db.Reader, major_id: str) -> db.Row:
    """Return an entry; raises ResourceNotFound if there is none."""
    return await _LISTING.get(reader, "majors", major_id, scope=None)


async def list_majors(
    reader: db.Reader, page: Page, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of entries and the token of the next.

    Filters: level, catalogue_year, code, name_contains, at_date.
    """
    return await _LISTING.fetch(reader, page, scope=None, **filters)


async def resolve_major(
    reader: db.Reader, code: str, *, at: date, successors_at: date
) -> tuple[Major, list[Major]]:
    """Return what a code meant on a day, and what is in its place on another; raises MajorUnknown.

    What followed is followed on until entries of that day, each once; one that ended with nothing
    after it has no one in its place.
    """
    found = await majors.find_in_force(reader, code, on=at)
    if found is None:
        raise MajorUnknown(code=code, date=at.isoformat())
    in_place: dict[str, Major] = {}
    seen: set[str] = set()
    waiting = {found.id: found}
    while waiting:
        seen |= waiting.keys()
        in_place |= {each.id: each for each in waiting.values() if each.is_in_force(successors_at)}
        next_ids = {
            successor
            for each in waiting.values()
            if not each.is_in_force(successors_at)
            for successor in each.successors
        }
        waiting = await majors.find_many(reader, sorted(next_ids - seen))
    return found, list(in_place.values())
