"""Reads rosters: schools of a cooperation see them, an enterprise what a pupil consents to.

The consent is looked up with each read: what is withdrawn is not seen from then on (PIPL 15, 23).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, Uuid, and_, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.consent import State as ConsentState
from services.enrollment.domain.cooperation_parts import Role
from services.enrollment.queries.families import find_family
from services.enrollment.store.cooperation_tables import cooperation_party, cooperation_pupil
from services.enrollment.store.person_tables import consent

_PUPIL = cooperation_pupil.c
_PARTY = cooperation_party.c


def _seen_by(name: str) -> ColumnElement[bool]:
    """Begin at the reader's cooperations: nobody's page walks through the rosters of others."""
    reader = bindparam(name, type_=Text)
    consents = (
        select(consent.c.id)
        .where(
            consent.c.person_id == _PUPIL.person_id,
            consent.c.purpose == Purpose.ENTERPRISE.value,
            consent.c.state == ConsentState.GIVEN.value,
        )
        .exists()
    )
    is_school = or_(_PARTY.role == Role.SCHOOL.value, _PARTY.role == Role.COLLEGE.value)
    return (
        select(_PARTY.organisation)
        .where(
            _PARTY.organisation == reader,
            _PARTY.cooperation_id == _PUPIL.cooperation_id,
            _PARTY.leave_date.is_(None),
            or_(is_school, and_(_PUPIL.enterprise == reader, consents)),
        )
        .exists()
    )


def was_on_roster(on: Any) -> ColumnElement[bool]:
    """Whether a pupil was on the roster on a day."""
    return and_(_PUPIL.join_date <= on, or_(_PUPIL.leave_date.is_(None), _PUPIL.leave_date > on))


_LISTING = Listing(
    select(cooperation_pupil),
    key=_PUPIL.id,
    filters={
        **{name: _PUPIL[name] for name in ("cooperation_id", "school", "state")},
        "person_ids": lambda name: _PUPIL.person_id == any_(bindparam(name, type_=ARRAY(Uuid))),
        "on_roster_date": lambda name: was_on_roster(bindparam(name, type_=Date)),
        "seen_by": _seen_by,
    },
)


async def get_cooperation_pupil(reader: db.Reader, pupil_id: UUID, *, scope: str | None) -> db.Row:
    """Return a place that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "cooperationPupils", pupil_id, scope=None, seen_by=scope)


async def list_cooperation_pupils(
    reader: db.Reader,
    page: Page,
    *,
    scope: str | None,
    person_id: UUID | None = None,
    **filters: Any,
) -> tuple[Sequence[db.Row], str]:
    """Return a page of places, of a person's duplicates too.

    Filters: cooperation_id, school, state, on_roster_date.
    """
    family = None if person_id is None else await find_family(reader, person_id)
    return await _LISTING.fetch(
        reader, page, scope=None, seen_by=scope, person_ids=family, **filters
    )
