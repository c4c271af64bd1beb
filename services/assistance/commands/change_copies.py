"""Takes over what enrollment owns: organisations."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import db
from services.assistance.store import copies


async def change_copies(tx: db.Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write local copies of organisations; older versions change nothing."""
    await copies.upsert_organisations(tx, rows)
