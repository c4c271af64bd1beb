"""Indicators in the database: loaded locked, saved guarded by version."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.assistance.domain.indicator import Indicator, Kind
from services.assistance.domain.registration import SchoolPair
from services.assistance.store.tables import indicator

_COLUMNS = [column.name for column in indicator.columns]
_WRITTEN = ["actual"]
_KINDS = db.compile(
    select(indicator.c.pairing_id, indicator.c.kind).where(
        indicator.c.pairing_id == any_(bindparam("pairing_ids", type_=ARRAY(Uuid)))
    )
)
_OF_SCHOOLS = db.compile(
    select(indicator)
    .where(
        indicator.c.helper == any_(bindparam("helpers", type_=ARRAY(Text))),
        indicator.c.receiver == any_(bindparam("receivers", type_=ARRAY(Text))),
        indicator.c.kind == bindparam("kind", type_=Text),
    )
    .order_by(indicator.c.id)
    .with_for_update()
)
_ADD = bulk.insert_many(indicator, _COLUMNS)
_SAVE = bulk.update_many(indicator, _WRITTEN)


async def find_kinds(tx: db.Transaction, pairing_ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """Return the pairs (pairing, kind) that have an indicator."""
    rows = await tx.fetch(_KINDS, pairing_ids=list(pairing_ids))
    return {(row["pairing_id"], row["kind"]) for row in rows}


async def list_of_schools(
    tx: db.Transaction, pairs: Sequence[SchoolPair], kind: Kind
) -> list[Indicator]:
    """Load the indicators of a kind that count for these schools, locked in order of their ids."""
    rows = await tx.fetch(
        _OF_SCHOOLS,
        helpers=[pair.helper for pair in pairs],
        receivers=[pair.receiver for pair in pairs],
        kind=kind,
    )
    loaded = [Indicator(**{**dict(row), "kind": Kind(row["kind"])}) for row in rows]
    wanted = set(pairs)
    return [each for each in loaded if each.schools in wanted]


async def add_many(tx: db.Transaction, indicators: Sequence[Indicator]) -> None:
    """Insert indicators; one set by another call meanwhile runs this one again, to find it."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, indicators)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def save_many(tx: db.Transaction, indicators: Sequence[Indicator]) -> None:
    """Write recounted indicators; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, indicators)
