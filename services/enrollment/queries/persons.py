"""Reads persons; the sealed ID number and birth date are not read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page
from services.enrollment.store import person_merges
from services.enrollment.store.tables import person, person_party

_NOT_READ = {"sealed_id_number", "sealed_birth_date"}
_ALL = select(*(each for each in person.columns if each.name not in _NOT_READ))
_LISTING = Listing(_ALL, key=person.c.id, filters={})
_OF_PARTY = Listing(
    _ALL.join(person_party, person_party.c.person_id == person.c.id),
    key=person.c.id,
    filters={},
    parties=[person_party.c.party],
)

_ACTIVE_ROWS = _ALL.where(
    person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))), person.c.state == "ACTIVE"
).order_by(person.c.id)
_ACTIVE = db.compile(_ACTIVE_ROWS)
_ACTIVE_OF_PARTY = db.compile(
    _ACTIVE_ROWS.join(person_party, person_party.c.person_id == person.c.id).where(
        person_party.c.party == bindparam("party", type_=Text)
    )
)


async def get_person(reader: db.Reader, person_id: UUID, *, scope: str | None) -> db.Row:
    """Return a person that the caller may see; raises ResourceNotFound otherwise.

    The name of a duplicate answers with the person that it was merged into.
    """
    listing = _listing(scope)
    row = await listing.find(reader, person_id, scope=scope)
    if row is None or row["merged_into_id"] is not None:
        survivors = await person_merges.resolve(reader, [person_id])
        found = survivors.get(person_id, person_id)
        row = await listing.find(reader, found, scope=scope)
    if row is None:
        raise ResourceNotFound(name=name_of("persons", person_id))
    return row


async def list_persons(
    reader: db.Reader, page: Page, *, scope: str | None
) -> tuple[Sequence[db.Row], str]:
    """Return a page of persons and the token of the next."""
    return await _listing(scope).fetch(reader, page, scope=scope)


def _listing(scope: str | None) -> Listing:
    # Without a scope a person would come once for each of their parties.
    return _LISTING if scope is None else _OF_PARTY


async def list_active(
    reader: db.Reader, ids: Sequence[UUID], *, scope: str | None
) -> Sequence[db.Row]:
    """Return those of some persons who are no duplicates, not erased, and visible."""
    if scope is None:
        return await reader.fetch(_ACTIVE, ids=list(ids))
    return await reader.fetch(_ACTIVE_OF_PARTY, ids=list(ids), party=scope)
