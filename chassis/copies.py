"""Copies of another service's records: which of them differ from their source.

A copy keeps (name, version, SHA-256 of the stored bytes) of what it was made from, so that two
databases can be compared without opening what is sealed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Text, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from chassis import db
from chassis.tables import change


@dataclass(frozen=True, slots=True)
class Leaf:
    """What identifies a record's content: its version and the digest of its stored bytes."""

    version: int
    sha256: bytes


_LATEST = db.compile(
    select(change.c.resource_name, change.c.version, change.c.resource_sha256)
    .ext(distinct_on(change.c.resource_name))
    .where(
        func.split_part(change.c.resource_name, literal_column("'/'"), literal_column("1"))
        == any_(bindparam("types", type_=ARRAY(Text)))
    )
    .order_by(change.c.resource_name, change.c.version.desc())
)


async def latest(reader: db.Reader, types: Collection[str]) -> dict[str, Leaf]:
    """Return the present content of all records of some resource types, by name."""
    rows = await reader.fetch(_LATEST, types=sorted(types))
    return {row["resource_name"]: Leaf(row["version"], row["resource_sha256"]) for row in rows}


def differing(copies: Mapping[str, Leaf], source: Mapping[str, Leaf]) -> list[str]:
    """Return the names, in order, that are missing on either side or have other content."""
    return sorted(
        name for name in copies.keys() | source.keys() if copies.get(name) != source.get(name)
    )
