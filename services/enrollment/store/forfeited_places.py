"""Places given up at the back stage in the database, each known by its application."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import bulk, db
from services.enrollment.store.roster_tables import forfeited_place

_COLUMNS = [column.name for column in forfeited_place.columns]
_UPSERT = bulk.upsert_news(
    forfeited_place, [name for name in _COLUMNS if name not in {"id", "version"}]
)


async def upsert(tx: db.Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is new, or of a higher version than is known."""
    await tx.execute(_UPSERT, **bulk.arrays(_COLUMNS, rows))
