"""Takes over what enrollment owns: organisations, pathway projects and members of cohorts."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import db
from services.transfer.store import copies


async def change_copies(
    tx: db.Transaction, resource_type: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write local copies of one resource type of enrollment; older versions change nothing."""
    await copies.upsert(tx, copies.COPIES["enrollment"][resource_type], rows)
