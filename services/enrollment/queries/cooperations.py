"""Reads cooperations and their heads: those who take part see them, and those who did."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, column, func, or_, select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.store.cooperation_tables import (
    cooperation,
    cooperation_head,
    cooperation_party,
)
from services.enrollment.store.cooperations import from_row
from services.enrollment.store.tables import organisation

_COOPERATION = cooperation.c
_PARTY = cooperation_party.c


def takes_part(cooperation_id: Any, name: str) -> ColumnElement[bool]:
    """Whether an organisation takes part in a cooperation, or did."""
    return (
        select(_PARTY.organisation)
        .where(
            _PARTY.organisation == bindparam(name, type_=Text),
            _PARTY.cooperation_id == cooperation_id,
        )
        .exists()
    )


def was_in_force(on: Any) -> ColumnElement[bool]:
    """Whether a cooperation was in force on a day, and its agreement held."""
    periods = (
        func.jsonb_to_recordset(_COOPERATION.in_force_periods)
        .table_valued(column("valid_from_date", Date), column("until_date", Date))
        .render_derived(name="period", with_types=True)
    )
    held = select(periods.c.valid_from_date).where(
        periods.c.valid_from_date <= on,
        or_(periods.c.until_date.is_(None), periods.c.until_date > on),
    )
    agreed = and_(_COOPERATION.valid_from_date <= on, _COOPERATION.valid_to_date >= on)
    return and_(held.exists(), or_(_COOPERATION.valid_to_date.is_(None), agreed))


def _has_party_in(name: str) -> ColumnElement[bool]:
    """Whether a party's region code of now begins with these digits."""
    return (
        select(_PARTY.organisation)
        .join(organisation, organisation.c.id == _PARTY.organisation)
        .where(
            _PARTY.cooperation_id == _COOPERATION.id,
            func.starts_with(organisation.c.region_code, bindparam(name, type_=Text)),
        )
        .exists()
    )


_COOPERATIONS = Listing(
    select(cooperation),
    key=_COOPERATION.id,
    filters={
        **{name: _COOPERATION[name] for name in ("kind", "state", "holder")},
        "party": lambda name: takes_part(_COOPERATION.id, name),
        "seen_by": lambda name: takes_part(_COOPERATION.id, name),
        "region": _has_party_in,
        "in_force_date": lambda name: was_in_force(bindparam(name, type_=Date)),
    },
)
_HEADS = Listing(
    select(cooperation_head),
    key=cooperation_head.c.id,
    filters={
        "cooperation_id": cooperation_head.c.cooperation_id,
        "seen_by": lambda name: takes_part(cooperation_head.c.cooperation_id, name),
    },
)


async def get_cooperation(
    reader: db.Reader, cooperation_id: UUID, *, scope: str | None
) -> Cooperation:
    """Return a cooperation that the caller may see; raises ResourceNotFound otherwise."""
    row = await _COOPERATIONS.get(reader, "cooperations", cooperation_id, scope=None, seen_by=scope)
    return from_row(row)


async def list_cooperations(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[Cooperation], str]:
    """Return a page of cooperations; filters: kind, state, party, region, in_force_date, holder."""
    rows, next_token = await _COOPERATIONS.fetch(reader, page, scope=None, seen_by=scope, **filters)
    return [from_row(row) for row in rows], next_token


async def get_cooperation_head(reader: db.Reader, head_id: UUID, *, scope: str | None) -> db.Row:
    """Return a head that the caller may see; raises ResourceNotFound otherwise."""
    return await _HEADS.get(reader, "cooperationHeads", head_id, scope=None, seen_by=scope)


async def list_cooperation_heads(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of heads; filters: cooperation_id."""
    return await _HEADS.fetch(reader, page, scope=None, seen_by=scope, **filters)
