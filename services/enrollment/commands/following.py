"""Loads persons with all that follows them, locked in the order of all commands.

The order is status records, members, persons: whoever changes a person and what is its own takes
the locks through this module, and neither misses a record nor waits in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.person import Person
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import cohort_members, persons, status_records
from services.enrollment.store.person_records import list_member_ids, list_record_ids


@dataclass(frozen=True, kw_only=True)
class Following:
    """Persons and what is theirs, locked."""

    persons: dict[UUID, Person]
    members: list[CohortMember]
    records: list[StatusRecord]

    def members_of(self, person_id: UUID) -> list[CohortMember]:
        """Return the memberships of one person."""
        return [each for each in self.members if each.person_id == person_id]

    def records_of(self, person_id: UUID) -> list[StatusRecord]:
        """Return the status records of one person."""
        return [each for each in self.records if each.person_id == person_id]


async def lock_following(tx: db.Transaction, person_ids: Sequence[UUID]) -> Following:
    """Lock persons and what is theirs; raises VersionConflict if more came meanwhile."""
    record_ids = await list_record_ids(tx, person_ids)
    member_ids = await list_member_ids(tx, person_ids)
    records = await status_records.get_many(tx, record_ids)
    members = await cohort_members.get_many(tx, member_ids)
    loaded = await persons.get_many(tx, person_ids)
    # Who gives a person a record or membership holds the person: with the lock, none comes.
    if (record_ids, member_ids) != (
        await list_record_ids(tx, person_ids),
        await list_member_ids(tx, person_ids),
    ):
        raise db.VersionConflict
    return Following(persons=loaded, members=list(members.values()), records=list(records.values()))
