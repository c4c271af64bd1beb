"""Merges of duplicates in the database: who answers for whom, and what a merge moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, insert, literal_column, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.store.person_tables import person_merge
from services.enrollment.store.tables import person

_IDS = bindparam("ids", type_=ARRAY(Uuid))


def _survivors() -> db.Statement:
    """Return each id with the one that it answers with, one step after the other."""
    steps = (
        select(person.c.id.label("alias"), person.c.id, person.c.merged_into_id)
        .where(person.c.id == any_(_IDS))
        .cte("steps", recursive=True)
    )
    # Laterally, or the planner may read all persons to join them with the few of a step.
    above = (
        select(person.c.id, person.c.merged_into_id)
        .where(person.c.id == steps.c.merged_into_id)
        .limit(literal_column("1"))
        .lateral()
    )
    steps = steps.union_all(select(steps.c.alias, above.c.id, above.c.merged_into_id))
    return db.compile(select(steps.c.alias, steps.c.id).where(steps.c.merged_into_id.is_(None)))


def _family() -> db.Statement:
    """Return the ids of persons, of their duplicates, and of the duplicates of those."""
    found = select(person.c.id).where(person.c.id == any_(_IDS)).cte("found", recursive=True)
    found = found.union_all(select(person.c.id).where(person.c.merged_into_id == found.c.id))
    return db.compile(select(found.c.id))


def _answered() -> db.Statement:
    """Return each id with every person that its name has ever answered with, splits or not."""
    steps = (
        select(person_merge.c.merged_id.label("alias"), person_merge.c.survivor_id)
        .where(person_merge.c.merged_id == any_(_IDS))
        .cte("steps", recursive=True)
    )
    above = (
        select(person_merge.c.survivor_id)
        .where(person_merge.c.merged_id == steps.c.survivor_id)
        .offset(literal_column("0"))
        .lateral()
    )
    steps = steps.union(select(steps.c.alias, above.c.survivor_id))
    return db.compile(select(steps.c.alias, steps.c.survivor_id))


_SURVIVORS = _survivors()
_ANSWERED = _answered()
_FAMILY = _family()
_ADD = db.compile(
    insert(person_merge).values(
        {each.name: bindparam(each.name, type_=each.type) for each in person_merge.columns}
    )
)
_OPEN = db.compile(
    select(person_merge)
    .where(
        person_merge.c.merged_id == bindparam("merged_id", type_=Uuid),
        ~person_merge.c.is_split,
    )
    .with_for_update()
)
_SPLIT = db.compile(
    update(person_merge)
    .values(
        is_split=true(),
        split_reason=bindparam("reason", type_=Text),
        split_actor=bindparam("actor", type_=Text),
    )
    .where(person_merge.c.id == bindparam("merge_id", type_=Uuid))
)


@dataclass(kw_only=True)
class PersonMerge:
    """A merge, and what it moved from the duplicate to the survivor."""

    id: UUID
    merged_id: UUID
    survivor_id: UUID
    member_ids: list[UUID]
    record_ids: list[UUID]
    outcome_ids: list[UUID]
    conversion_ids: list[UUID]
    gained_parties: list[str]
    reason: str
    evidence_sha256: str
    actor: str
    is_split: bool = False
    split_reason: str = ""
    split_actor: str = ""


async def resolve(reader: db.Reader, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return for each id the person that its name answers with; unknown ids are absent."""
    rows = await reader.fetch(_SURVIVORS, ids=list(set(ids)))
    return {row["alias"]: row["id"] for row in rows}


async def family_of(reader: db.Reader, person_id: UUID) -> list[UUID]:
    """Return a person's id and those of all duplicates that answer with it."""
    return [row["id"] for row in await reader.fetch(_FAMILY, ids=[person_id])]


async def find_one_person(
    tx: db.Transaction, pairs: Sequence[tuple[UUID, UUID]]
) -> set[tuple[UUID, UUID]]:
    """Return the pairs of ids that are, or have been, of one person.

    Others may have kept the id that a record had before a merge, or before a split.
    """
    same = {pair for pair in pairs if pair[0] == pair[1]}
    other = [pair for pair in pairs if pair not in same]
    if other:
        rows = await tx.fetch(_ANSWERED, ids=list({each for pair in other for each in pair}))
        answered = {(row["alias"], row["survivor_id"]) for row in rows}
        same |= {(one, two) for one, two in other if {(one, two), (two, one)} & answered}
    return same


async def add(tx: db.Transaction, merge: PersonMerge) -> None:
    """Keep a merge; it is a part of the change of its duplicate."""
    await tx.execute(_ADD, **vars(merge))


async def get_open(tx: db.Transaction, merged_id: UUID) -> PersonMerge | None:
    """Return the merge that made a person a duplicate, locked, or None."""
    row = await tx.fetch_one(_OPEN, merged_id=merged_id)
    return None if row is None else PersonMerge(**row)


async def mark_split(tx: db.Transaction, merge: PersonMerge, *, reason: str, actor: str) -> None:
    """Keep that a merge was undone, by whom and why."""
    await tx.execute(_SPLIT, merge_id=merge.id, reason=reason, actor=actor)
