"""Contacts of agreements in the database: one a side, sealed."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.agreement_contact import AgreementContact
from services.enrollment.store.agreement_tables import agreement_contact

_COLUMNS = [column.name for column in agreement_contact.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_OF_AGREEMENTS = db.compile(
    select(agreement_contact)
    .where(agreement_contact.c.agreement_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(agreement_contact.c.id)
    .with_for_update()
)
_ADD = bulk.insert_many(agreement_contact, _COLUMNS)
_SAVE = bulk.update_many(agreement_contact, _WRITTEN)


async def get_of_agreements(
    tx: db.Transaction, agreement_ids: Sequence[UUID]
) -> dict[tuple[UUID, str], AgreementContact]:
    """Load the contacts of agreements by agreement and side, locked."""
    rows = await tx.fetch(_OF_AGREEMENTS, ids=list(set(agreement_ids)))
    return {(row["agreement_id"], row["party"]): AgreementContact(**row) for row in rows}


async def write_many(tx: db.Transaction, contacts: Sequence[AgreementContact]) -> None:
    """Insert new contacts and write replaced ones."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, [each for each in contacts if each.version == 1])
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
    await bulk.save(tx, _SAVE, _WRITTEN, [each for each in contacts if each.version > 1])
