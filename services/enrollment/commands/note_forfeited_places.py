"""Notes places that admitted students gave up (未报到), as the transfer tells: for the sheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import db
from services.enrollment.store import forfeited_places


async def note_forfeited_places(tx: db.Transaction, items: Sequence[Mapping[str, Any]]) -> None:
    """Keep what is news; an application that was noted before is counted once."""
    await forfeited_places.upsert(tx, items)
