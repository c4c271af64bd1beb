"""Reads batches."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.transfer.store.tables import transfer_batch

_LISTING = Listing(
    select(transfer_batch),
    key=transfer_batch.c.id,
    filters={
        "project_id": transfer_batch.c.project_id,
        "state": transfer_batch.c.state,
    },
    parties=[transfer_batch.c.front, transfer_batch.c.back],
)


async def get_transfer_batch(reader: db.Reader, batch_id: UUID, *, scope: str | None) -> db.Row:
    """Return a batch that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "transferBatches", batch_id, scope=scope)


async def list_transfer_batches(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of batches and the token of the next; filters: project_id, state."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)
