"""Reads indicators and their evidence."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.assistance.store.tables import evidence, indicator

_LISTING = Listing(
    select(indicator),
    key=indicator.c.id,
    filters={"pairing_id": indicator.c.pairing_id},
    parties=[indicator.c.helper, indicator.c.receiver, indicator.c.office],
)
_EVIDENCE = Listing(
    select(evidence),
    key=evidence.c.id,
    filters={"indicator_id": evidence.c.indicator_id},
)


async def get_indicator(reader: db.Reader, indicator_id: UUID, *, scope: str | None) -> db.Row:
    """Return an indicator that the caller may see; raises ResourceNotFound otherwise."""
    return await _LISTING.get(reader, "indicators", indicator_id, scope=scope)


async def list_indicators(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of indicators and the token of the next; filters: pairing_id."""
    return await _LISTING.fetch(reader, page, scope=scope, **filters)


async def list_evidence(
    reader: db.Reader, page: Page, indicator_id: UUID, *, scope: str | None
) -> tuple[Sequence[db.Row], str]:
    """Return a page of the evidence of an indicator that the caller may see, as it was counted."""
    await get_indicator(reader, indicator_id, scope=scope)
    return await _EVIDENCE.fetch(reader, page, scope=None, indicator_id=indicator_id)
