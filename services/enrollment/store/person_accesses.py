"""The log of accesses to personal values: rows are added and never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, insert

from chassis import db
from services.enrollment.store.person_tables import access_log

_ADD = db.compile(
    insert(access_log).values(
        {each.name: bindparam(each.name, type_=each.type) for each in access_log.columns}
    )
)


class Action(StrEnum):
    """What was read."""

    REVEAL_ID_NUMBER = "REVEAL_ID_NUMBER"
    REVEAL_STUDENT_NUMBER = "REVEAL_STUDENT_NUMBER"
    EXPORT = "EXPORT"
    READ_TIMELINE = "READ_TIMELINE"


@dataclass(frozen=True, kw_only=True)
class PersonAccess:
    """One access."""

    id: UUID
    person_id: UUID
    action: Action
    actor: str
    organisation: str
    reason: str
    access_time: datetime


async def add(tx: db.Transaction, access: PersonAccess) -> None:
    """Log an access."""
    await tx.execute(_ADD, **vars(access))
