"""Reads persons; the sealed ID number is not read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page
from services.enrollment.store.tables import person, person_party

_ALL = select(*(each for each in person.columns if each.name != "sealed_id_number"))
_LISTING = Listing(_ALL, key=person.c.id, filters={"id": person.c.id})
_OF_PARTY = Listing(
    _ALL.join(person_party, person_party.c.person_id == person.c.id),
    key=person.c.id,
    filters={"id": person.c.id},
    parties=[person_party.c.party],
)


async def get_person(reader: db.Reader, person_id: UUID, *, scope: str | None) -> db.Row:
    """Return a person that the caller may see; raises ResourceNotFound otherwise."""
    page = read_page(1, "", {})
    rows, _ = await _listing(scope).fetch(reader, page, scope=scope, id=person_id)
    if not rows:
        raise ResourceNotFound(name=name_of("persons", person_id))
    return rows[0]


async def list_persons(
    reader: db.Reader, page: Page, *, scope: str | None
) -> tuple[Sequence[db.Row], str]:
    """Return a page of persons and the token of the next."""
    return await _listing(scope).fetch(reader, page, scope=scope)


def _listing(scope: str | None) -> Listing:
    # Without a scope a person would come once for each of their parties.
    return _LISTING if scope is None else _OF_PARTY
