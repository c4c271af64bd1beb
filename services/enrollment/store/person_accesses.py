"""The log of accesses to personal values: rows are added and never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, insert, literal_column, select

from chassis import db
from services.enrollment.store.person_tables import access_log
from services.enrollment.store.tables import person, person_party

_ADD = db.compile(
    insert(access_log).values(
        {each.name: bindparam(each.name, type_=each.type) for each in access_log.columns}
    )
)


def _log_seen(*, of_party: bool) -> db.Statement:
    """Log an access to a person, if there is one who is no duplicate, not erased, and visible."""
    wanted = bindparam("person_id", type_=Uuid)
    values = [
        person.c.id if each.name == "person_id" else bindparam(each.name, type_=each.type)
        for each in access_log.columns
    ]
    seen = select(*values).where(
        person.c.id == wanted, person.c.state == literal_column("'ACTIVE'")
    )
    if of_party:
        seen = seen.where(
            select(person_party.c.party)
            .where(
                person_party.c.person_id == wanted,
                person_party.c.party == bindparam("scope", type_=Text),
            )
            .exists()
        )
    columns = [each.name for each in access_log.columns]
    return db.compile(
        insert(access_log).from_select(columns, seen).returning(access_log.c.person_id)
    )


_LOG_SEEN = _log_seen(of_party=False)
_LOG_SEEN_OF_PARTY = _log_seen(of_party=True)


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


async def log_if_seen(database: db.Database, access: PersonAccess, *, scope: str | None) -> bool:
    """Log an access to a person; it is committed when this returns.

    Returns False, with nothing logged, for a duplicate, the erased, and whom the party of the
    scope does not see.
    """
    if scope is None:
        return bool(await database.commit_one(_LOG_SEEN, **vars(access)))
    return bool(await database.commit_one(_LOG_SEEN_OF_PARTY, **vars(access), scope=scope))
