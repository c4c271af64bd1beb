"""What belongs to a person belongs to the duplicates too that were merged into them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, select

from chassis import db
from services.enrollment.store import person_merges
from services.enrollment.store.tables import person


def of_family(column: Any, name: str) -> ColumnElement[bool]:
    """Return whether a column names the person of a parameter, or one of their duplicates."""
    found = select(person.c.id).where(person.c.id == bindparam(name, type_=Uuid))
    family = found.cte("family", recursive=True)
    duplicates = person.alias("duplicate")
    family = family.union_all(
        select(duplicates.c.id).where(duplicates.c.merged_into_id == family.c.id)
    )
    return column.in_(select(family.c.id))  # type: ignore[no-any-return]


async def find_family(reader: db.Reader, person_id: UUID) -> list[UUID]:
    """Return the ids of a person and of all duplicates, by the id of any of them."""
    survivors = await person_merges.resolve(reader, [person_id])
    return await person_merges.family_of(reader, survivors.get(person_id, person_id))
