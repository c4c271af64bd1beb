"""What follows persons in a merge or a split beside their memberships and status records.

Outcomes and conversions follow in whole, and are announced again to whoever sees the person since,
or no more. Status changes and electronic registrations follow their records. What is personal is
sealed with the key of the person that it is of from then on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import db
from chassis.keys import KeyStore
from chassis.sealed import DataKey
from services.enrollment.commands.opening import key_of, open_value, seal
from services.enrollment.domain.credit_conversion import CreditConversion
from services.enrollment.domain.learning_outcome import LearningOutcome
from services.enrollment.domain.person import Person
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import (
    credit_conversions,
    electronic_registrations,
    learning_outcomes,
    status_changes,
)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What two persons have learned, under the locks of both."""

    outcomes: list[LearningOutcome]
    conversions: list[CreditConversion]

    def outcome_ids_of(self, person_id: UUID) -> list[UUID]:
        """Return the ids of one person's outcomes."""
        return [each.id for each in self.outcomes if each.person_id == person_id]

    def conversion_ids_of(self, person_id: UUID) -> list[UUID]:
        """Return the ids of one person's conversions."""
        return [each.id for each in self.conversions if each.person_id == person_id]


async def load_learned(tx: db.Transaction, person_ids: Sequence[UUID]) -> Learned:
    """Load what persons have learned; their locks keep others from adding to it."""
    return Learned(
        outcomes=await learning_outcomes.list_of_persons(tx, person_ids),
        conversions=await credit_conversions.list_of_persons(tx, person_ids),
    )


async def move_learned(
    tx: db.Transaction,
    learned: Learned,
    moved_ids: Collection[UUID],
    *,
    to: Person,
    persons: Mapping[UUID, Person],
    keys: KeyStore,
    today: date,
) -> None:
    """Give outcomes and conversions to a person; announce the others to whom they are new."""
    keyring = {each: await key_of(keys, each) for each in persons}

    def owner(record: LearningOutcome | CreditConversion) -> Person:
        return to if record.id in moved_ids else persons[record.person_id]

    changed: list[LearningOutcome] = []
    for outcome in learned.outcomes:
        person = owner(outcome)
        if (outcome.person_id, set(outcome.parties)) != (person.id, set(person.parties)):
            _reassign(outcome, person, keyring, today=today)
            changed.append(outcome)
    conversions = []
    for conversion in learned.conversions:
        person = owner(conversion)
        if (conversion.person_id, set(conversion.parties)) != (person.id, set(person.parties)):
            conversion.reassign(person_id=person.id, parties=person.parties)
            conversions.append(conversion)
    await learning_outcomes.add_versions(tx, changed)
    await credit_conversions.add_versions(tx, conversions)


def _reassign(
    outcome: LearningOutcome, person: Person, keyring: Mapping[UUID, DataKey], *, today: date
) -> None:
    number = outcome.sealed_certificate_number
    if outcome.person_id != person.id:
        clear = open_value(keyring[outcome.person_id], "certificate_number", number)
        number = seal(keyring[person.id], "certificate_number", clear)
    outcome.reassign(
        person_id=person.id,
        parties=person.parties,
        sealed_certificate_number=number,
        # What was recorded ahead of the clock stays in order.
        today=max(today, outcome.record_date),
    )


async def move_with_records(
    tx: db.Transaction, records: Sequence[StatusRecord], *, old_key: DataKey, new_key: DataKey
) -> None:
    """Let status changes and electronic registrations follow their records."""
    record_ids = [each.id for each in records]
    changes = await status_changes.list_of_records(tx, record_ids)
    for change in changes:
        change.reassign(
            person_id=new_key.subject_id,
            **{
                f"sealed_{name}": seal(
                    new_key, name, open_value(old_key, name, getattr(change, f"sealed_{name}"))
                )
                for name in ("ground", "reason", "facts")
            },
        )
    registrations = await electronic_registrations.list_of_records(tx, record_ids)
    for registration in registrations:
        registration.reassign(person_id=new_key.subject_id)
    await status_changes.save_many(tx, changes)
    await electronic_registrations.save_many(tx, registrations)
