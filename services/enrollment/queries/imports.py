"""Reads imports and their refused rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.import_tables import import_error, import_job
from chassis.listing import Listing
from chassis.paging import Page

_LISTING = Listing(
    select(import_job),
    key=import_job.c.id,
    filters={name: import_job.c[name] for name in ("kind", "state")},
    parties=[import_job.c.organisation],
)
_ERRORS = Listing(
    select(import_error),
    key=import_error.c.row_number,
    filters={"job_id": import_error.c.job_id},
)


async def get_import(reader: db.Reader, job_id: UUID, *, scope: str | None) -> db.Row:
    """Return an import that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "imports", job_id, scope=scope)


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
