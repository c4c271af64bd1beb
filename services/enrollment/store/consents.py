"""Consents in the database: at most one that holds for a person and purpose."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, bindparam, select

from chassis import db
from services.enrollment.domain.consent import Consent, Purpose, State
from services.enrollment.store.belonging import belonging
from services.enrollment.store.person_tables import consent


def _from_row(row: db.Row) -> Consent:
    facts = {"state": State(row["state"]), "purpose": Purpose(row["purpose"])}
    return Consent(**{**row, **facts})


_STORE = belonging(consent, _from_row)
_STATEMENTS = {"get": _STORE.get, "of_persons": _STORE.of_persons, "update": _STORE.update}
_HELD = db.compile(
    select(consent.c.id).where(
        consent.c.person_id == bindparam("person_id", type_=Uuid),
        consent.c.purpose == bindparam("purpose", type_=Text),
        consent.c.state == "GIVEN",
    )
)
get_many = _STORE.get_many
list_of_persons = _STORE.list_of_persons
save_many = _STORE.save_many


async def find_held(tx: db.Transaction, person_id: UUID, purpose: Purpose) -> Consent | None:
    """Return the consent for a purpose that holds, or None."""
    held = await tx.fetch_value(_HELD, person_id=person_id, purpose=purpose.value)
    return None if held is None else (await get_many(tx, [held]))[held]


async def add_many(tx: db.Transaction, consents: Sequence[Consent]) -> None:
    """Insert consents; raises VersionConflict if one for the purpose was given meanwhile."""
    try:
        await _STORE.add_many(tx, consents)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
