"""Reads learning outcomes as they were known on a day, all their versions, and conversions.

An outcome is seen by the organisations that may see its person, and by who issued it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, Uuid, bindparam, or_, select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page
from services.enrollment.domain.learning_account import LearningAccount
from services.enrollment.queries.families import of_family
from services.enrollment.store import credit_conversions, learning_outcomes, person_merges
from services.enrollment.store.outcome_tables import credit_conversion, learning_outcome
from services.enrollment.store.tables import person, person_party

_LATER = learning_outcome.alias("later")


def _seen_by(person_id: Any, name: str) -> ColumnElement[bool]:
    return (
        select(person_party.c.person_id)
        .where(
            person_party.c.person_id == person_id,
            person_party.c.party == bindparam(name, type_=Text),
        )
        .exists()
    )


def _outcome_seen_by(name: str) -> ColumnElement[bool]:
    is_issuer = learning_outcome.c.issuer == bindparam(name, type_=Text)
    return or_(is_issuer, _seen_by(learning_outcome.c.person_id, name))


def _known_on(name: str) -> ColumnElement[bool]:
    """The highest version of those that were recorded by a day."""
    day = bindparam(name, type_=Date)
    later = select(_LATER.c.id).where(
        _LATER.c.id == learning_outcome.c.id,
        _LATER.c.version > learning_outcome.c.version,
        _LATER.c.record_date <= day,
    )
    return (learning_outcome.c.record_date <= day) & ~later.exists()


_LISTING = Listing(
    select(learning_outcome),
    key=learning_outcome.c.id,
    filters={
        **{name: learning_outcome.c[name] for name in ("kind", "state")},
        "person_id": lambda name: of_family(learning_outcome.c.person_id, name),
        "at_date": _known_on,
        "seen_by": _outcome_seen_by,
    },
)
_VERSIONS = db.compile(
    select(learning_outcome)
    .where(learning_outcome.c.id == bindparam("id", type_=Uuid))
    .order_by(learning_outcome.c.version)
)
_OF_PERSON = db.compile(
    select(learning_outcome).where(
        of_family(learning_outcome.c.person_id, "person_id"), _known_on("at_date")
    )
)
_IS_SEEN = db.compile(
    select(person.c.id).where(
        person.c.id == bindparam("person_id", type_=Uuid), _seen_by(person.c.id, "seen_by")
    )
)
_EXISTS = db.compile(select(person.c.id).where(person.c.id == bindparam("person_id", type_=Uuid)))
_CONVERSIONS = Listing(
    credit_conversions.PRESENT,
    key=credit_conversion.c.id,
    filters={
        "status_record_id": credit_conversion.c.status_record_id,
        "person_id": lambda name: of_family(credit_conversion.c.person_id, name),
        "seen_by": lambda name: _seen_by(credit_conversion.c.person_id, name),
    },
)


async def get_learning_outcome(
    reader: db.Reader, outcome_id: UUID, *, scope: str | None, at_date: date
) -> db.Row:
    """Return an outcome that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(
        reader, "learningOutcomes", outcome_id, scope=None, seen_by=scope, at_date=at_date
    )


async def list_learning_outcomes(
    reader: db.Reader, page: Page, *, scope: str | None, at_date: date, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page as of a day, and the token of the next; filters: person_id, kind, state."""
    return await _LISTING.fetch(reader, page, scope=None, seen_by=scope, at_date=at_date, **filters)


async def list_versions(reader: db.Reader, outcome_id: UUID) -> Sequence[db.Row]:
    """Return all versions of an outcome, the first one first; who may see it is asked before."""
    return await reader.fetch(_VERSIONS, id=outcome_id)


async def get_learning_account(
    reader: db.Reader, person_id: UUID, *, scope: str | None, at_date: date
) -> tuple[LearningAccount, Sequence[db.Row]]:
    """Return a person's balance as of a day, and its outcomes; raises ResourceNotFound.

    The name of a duplicate answers with the person that it was merged into.
    """
    person_id = (await person_merges.resolve(reader, [person_id])).get(person_id, person_id)
    found = (
        await reader.fetch_value(_EXISTS, person_id=person_id)
        if scope is None
        else await reader.fetch_value(_IS_SEEN, person_id=person_id, seen_by=scope)
    )
    if found is None:
        raise ResourceNotFound(name=name_of("learningAccounts", person_id))
    rows = await reader.fetch(_OF_PERSON, person_id=person_id, at_date=at_date)
    outcomes = [learning_outcomes.from_row(row) for row in rows]
    return LearningAccount.of(outcomes, person_id=person_id, at_date=at_date), rows


async def get_credit_conversion(
    reader: db.Reader, conversion_id: UUID, *, scope: str | None
) -> db.Row:
    """Return a conversion that the caller may see; raises ResourceNotFound otherwise."""
    return await _CONVERSIONS.get(
        reader, "creditConversions", conversion_id, scope=None, seen_by=scope
    )


async def list_credit_conversions(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of conversions and the token of the next; by person_id, status_record_id."""
    return await _CONVERSIONS.fetch(reader, page, scope=None, seen_by=scope, **filters)
