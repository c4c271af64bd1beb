"""Reads imports and their refused rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.import_tables import import_error, import_job
from chassis.listing import Listing
from chassis.names import name_of
from chassis.paging import Page, read_page

_LISTING = Listing(
    select(import_job),
    key=import_job.c.id,
    filters={name: import_job.c[name] for name in ("id", "kind", "state")},
    parties=[import_job.c.organisation],
)
_ERRORS = Listing(
    select(import_error),
    key=import_error.c.row_number,
    filters={"job_id": import_error.c.job_id},
)


async def get_import(reader: db.Reader, job_id: UUID, *, scope: str | None) -> db.Row:
    """Return an import that the caller may see; raises ResourceNotFound otherwise."""
    rows, _ = await _LISTING.fetch(reader, read_page(1, "", {}), scope=scope, id=job_id)
    if not rows:
        raise ResourceNotFound(name=name_of("imports", job_id))
    return rows[0]


async def list_imports(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of imports and the token of the next; filters: kind, state."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)


async def list_import_errors(
    reader: db.Reader, page: Page, *, scope: str | None, job_id: UUID
) -> tuple[Sequence[db.Row], str]:
    """Return a page of the refused rows of an import; raises ResourceNotFound as above."""
    await get_import(reader, job_id, scope=scope)
    return await _ERRORS.fetch(reader, page, scope=None, job_id=job_id)
