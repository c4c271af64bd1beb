"""Reads organisations, of now and of other days: all of them are visible to everybody."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, func, or_, select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page
from services.enrollment.domain.successions import next_holder
from services.enrollment.store import organisations
from services.enrollment.store.tables import organisation


def _has_name(name: str) -> ColumnElement[bool]:
    return func.strpos(organisation.c.search_text, bindparam(name, type_=Text)) > 0


def _was_there(name: str) -> ColumnElement[bool]:
    on = bindparam(name, type_=Date)
    begins, ends = organisation.c.established_date, organisation.c.end_date
    return and_(or_(begins.is_(None), begins <= on), or_(ends.is_(None), ends > on))


def _reports_to(name: str) -> ColumnElement[bool]:
    return func.jsonb_exists(organisation.c.reports_to, bindparam(name, type_=Text))


_LISTING = Listing(
    select(organisation),
    key=organisation.c.number,
    filters={
        **{name: organisation.c[name] for name in ("id", "kind", "region_code", "state")},
        "name_contains": _has_name,
        "at_date": _was_there,
        "reports_to": _reports_to,
    },
)


async def get_organisation(reader: db.Reader, organisation_id: str) -> db.Row:
    """Return an organisation; raises ResourceNotFound if there is none."""
    return await _LISTING.get(reader, "organisations", organisation_id, scope=None)


async def find_display_names(reader: db.Reader, ids: Sequence[str]) -> dict[str, str]:
    """Return what organisations are called now; unknown ids are absent."""
    found = await organisations.find_many(reader, ids)
    return {each.id: each.display_name for each in found.values()}


async def list_organisations(
    reader: db.Reader, page: Page, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of organisations and the token of the next.

    Filters: kind, region_code, state, name_contains (in search form), at_date, reports_to.
    """
    return await _LISTING.fetch(reader, page, scope=None, **filters)


async def successor_at(
    reader: db.Reader, organisation_id: str, on: date, *, major_code: str = ""
) -> str:
    """Return who answers on a date for the records that an organisation had; it may be itself.

    Links are followed only onward in time, so that this ends. Raises ResourceNotFound.
    """
    since = date.min
    while True:
        found = await organisations.find_many(reader, [organisation_id])
        if organisation_id not in found:
            raise ResourceNotFound(name=name_of("organisations", organisation_id))
        link = next_holder(
            found[organisation_id].successors, on=on, since=since, major_code=major_code
        )
        if link is None:
            return organisation_id
        organisation_id, since = link.organisation, link.effective_date
