"""Reads agreements with their present revisions, the history of revisions, and contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page, shorten, token_after
from services.enrollment.store.agreement_tables import (
    agreement_contact,
    agreement_revision,
    cooperation_agreement,
)
from services.enrollment.store.cooperation_agreements import CURRENT

_AGREEMENT = cooperation_agreement.c
_AGREEMENTS = Listing(
    select(cooperation_agreement),
    key=_AGREEMENT.id,
    filters={name: _AGREEMENT[name] for name in ("project_id", "state", "holder")},
    parties=[_AGREEMENT.front, _AGREEMENT.back],
)
_REVISIONS = Listing(
    select(agreement_revision).join(
        cooperation_agreement, _AGREEMENT.id == agreement_revision.c.agreement_id
    ),
    key=agreement_revision.c.number,
    filters={"agreement_id": agreement_revision.c.agreement_id},
    parties=[_AGREEMENT.front, _AGREEMENT.back],
)
_CONTACTS = Listing(
    select(agreement_contact),
    key=agreement_contact.c.id,
    filters={"agreement_id": agreement_contact.c.agreement_id},
    parties=[agreement_contact.c.front, agreement_contact.c.back],
)
Agreement = Mapping[str, Any]
# Each comes with up to two revisions of its terms, which may be long.
_AGREEMENTS_MAX: Final = 50


async def get_cooperation_agreement(
    reader: db.Reader, agreement_id: UUID, *, scope: str | None
) -> Agreement:
    """Return an agreement that the caller may see; raises ResourceNotFound otherwise."""
    row = await _AGREEMENTS.get(reader, "cooperationAgreements", agreement_id, scope=scope)
    (agreement,) = await _with_revisions(reader, [row])
    return agreement


async def list_cooperation_agreements(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[Agreement], str]:
    """Return a page of agreements, at most _AGREEMENTS_MAX; filters: project_id, state, holder."""
    page = replace(page, size=min(page.size, _AGREEMENTS_MAX))
    rows, next_token = await _AGREEMENTS.fetch(reader, page, scope=scope, **filters)
    agreements = await _with_revisions(reader, rows)
    shown = shorten(agreements)
    if len(shown) < len(agreements):
        next_token = token_after(page, str(shown[-1]["id"]))
    return shown, next_token


async def _with_revisions(reader: db.Reader, rows: Sequence[db.Row]) -> Sequence[Agreement]:
    found = await reader.fetch(CURRENT, ids=[row["id"] for row in rows])
    revisions = {(row["agreement_id"], row["state"]): row for row in found}
    return [
        {
            **row,
            "pending": revisions.get((row["id"], "PENDING")),
            "in_force": revisions.get((row["id"], "IN_FORCE")),
        }
        for row in rows
    ]


async def list_agreement_revisions(
    reader: db.Reader, page: Page, *, scope: str | None, agreement_id: UUID
) -> tuple[Sequence[db.Row], str]:
    """Return a page of the revisions of an agreement, the first first."""
    return await _REVISIONS.fetch(reader, page, scope=scope, agreement_id=agreement_id)


async def get_agreement_contact(
    reader: db.Reader, contact_id: UUID, *, scope: str | None
) -> db.Row:
    """Return a contact that the caller may see; raises ResourceNotFound otherwise."""
    return await _CONTACTS.get(reader, "agreementContacts", contact_id, scope=scope)


async def list_agreement_contacts(
    reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of contacts; filters: agreement_id."""
    return await _CONTACTS.fetch(reader, page, scope=scope, **filters)
