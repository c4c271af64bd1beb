"""Conditions on what belongs to a person or to the duplicates that were merged into them."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, bindparam, select

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
