"""Heads of cooperations in the database: one for each part of a party."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.cooperation_head import CooperationHead
from services.enrollment.domain.cooperation_parts import BodyKind
from services.enrollment.store.cooperation_tables import cooperation_head

# A cooperation, a party, and a body or none.
Part = tuple[UUID, str, BodyKind | None]

_COLUMNS = [column.name for column in cooperation_head.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_OF_COOPERATIONS = db.compile(
    select(cooperation_head)
    .where(cooperation_head.c.cooperation_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(cooperation_head.c.id)
    .with_for_update()
)
_ADD = bulk.insert_many(cooperation_head, _COLUMNS)
_SAVE = bulk.update_many(cooperation_head, _WRITTEN)


async def get_of_cooperations(
    tx: db.Transaction, cooperation_ids: Sequence[UUID]
) -> dict[Part, CooperationHead]:
    """Load the heads of cooperations, locked, by their parts."""
    rows = await tx.fetch(_OF_COOPERATIONS, ids=list(set(cooperation_ids)))
    heads = (_from_row(row) for row in rows)
    return {(each.cooperation_id, each.party, each.body): each for each in heads}


async def write_many(tx: db.Transaction, heads: Sequence[CooperationHead]) -> None:
    """Insert new heads and write changed ones; raises VersionConflict if one came meanwhile."""
    new = [each for each in heads if each.version == 1]
    try:
        await bulk.add(tx, _ADD, _COLUMNS, new, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
    known = [each for each in heads if each.version > 1]
    await bulk.save(tx, _SAVE, _WRITTEN, known, _to_row)


def _to_row(head: CooperationHead) -> Mapping[str, Any]:
    return {**vars(head), "body": head.body or ""}


def _from_row(row: db.Row) -> CooperationHead:
    return CooperationHead(**{**row, "body": BodyKind(row["body"]) if row["body"] else None})
