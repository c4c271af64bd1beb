"""Logs who reads personal values: the row is committed before anything is answered.

Each access to data of minors is logged (未成年人网络保护条例 36), and logs are kept three years
at least (PIPL 56). An access that cannot be logged is not answered: its transaction fails.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.domain.person import Person
from services.enrollment.store import person_accesses, person_merges, persons
from services.enrollment.store.person_accesses import Action, PersonAccess


@dataclass(frozen=True, kw_only=True)
class LogPersonAccess:
    """Whose values are to be read, by which action, and why."""

    person_id: UUID
    action: Action
    reason: str


async def log_person_accesses(
    tx: db.Transaction,
    item: LogPersonAccess,
    *,
    caller: Caller,
    scope: str | None,
    now: datetime,
) -> Person:
    """Log an access and return the person, held against an erasure until the commit.

    A duplicate's name answers with the survivor. Refuses a person that the caller may not see,
    and one who is erased.
    """
    survivors = await person_merges.resolve(tx, [item.person_id])
    person = await persons.share(tx, survivors.get(item.person_id, item.person_id))
    if person is None or (scope is not None and scope not in person.parties):
        raise ResourceNotFound(name=name_of("persons", item.person_id))
    person.check_not_erased()
    if person.merged_into_id is not None:
        # Merged between the look and the lock.
        raise db.VersionConflict
    await person_accesses.add(tx, access_of(item, person.id, caller=caller, now=now))
    return person


def access_of(
    item: LogPersonAccess, person_id: UUID, *, caller: Caller, now: datetime
) -> PersonAccess:
    """Return the line of the log."""
    return PersonAccess(
        id=new_id(),
        person_id=person_id,
        action=item.action,
        actor=caller.subject,
        organisation=caller.organisation,
        reason=item.reason,
        access_time=now,
    )
