"""Which memberships and status records are a person's: ids only, nothing is locked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.store.tables import cohort_member, status_record

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_MEMBERS = db.compile(
    select(cohort_member.c.id)
    .where(cohort_member.c.person_id == any_(_IDS))
    .order_by(cohort_member.c.id)
)
_RECORDS = db.compile(
    select(status_record.c.id)
    .where(status_record.c.person_id == any_(_IDS))
    .order_by(status_record.c.id)
)


async def list_member_ids(tx: db.Transaction, person_ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of the memberships of persons, in order."""
    return [row["id"] for row in await tx.fetch(_MEMBERS, ids=list(person_ids))]


async def list_record_ids(tx: db.Transaction, person_ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of the status records of persons, in order."""
    return [row["id"] for row in await tx.fetch(_RECORDS, ids=list(person_ids))]
