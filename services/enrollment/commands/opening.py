"""What commands on a person need: the record at the version seen, its key, its opened values."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey, Sealer
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_refusals import PersonErased
from services.enrollment.store import persons

Item = TypeVar("Item")
Result = TypeVar("Result")


async def in_turn(
    items: Sequence[Item], rule: Callable[[Item], Awaitable[Result]]
) -> list[Result | DomainError]:
    """Apply a rule to one item after the other; a refusal takes the place of its result.

    For rare commands on persons: each item loads, checks, and only then writes.
    """
    results: list[Result | DomainError] = []
    for item in items:
        try:
            results.append(await rule(item))
        except DomainError as refusal:
            results.append(refusal)
    return results


async def load_person(tx: db.Transaction, person_id: UUID, caller: Caller) -> Person:
    """Load a person of the caller's, locked; raises ResourceNotFound for any other."""
    return visible_person(await persons.get_many(tx, [person_id]), person_id, caller)


def visible_person(loaded: dict[UUID, Person], person_id: UUID, caller: Caller) -> Person:
    """Return a person whom the caller's organisation may see."""
    person = loaded.get(person_id)
    if person is None or caller.organisation not in person.parties:
        raise ResourceNotFound(name=name_of("persons", person_id))
    return person


async def key_of(keys: KeyStore, person_id: UUID) -> DataKey:
    """Return a person's key; who has none is erased."""
    found = await keys.get_many([person_id])
    if person_id not in found:
        raise PersonErased
    return found[person_id]


def seal(key: DataKey, field: str, clear: str) -> bytes:
    """Seal a value of the key's person; an absent value stays absent."""
    return Sealer.seal(key, key.subject_id, field, clear) if clear else b""


def open_value(key: DataKey, field: str, sealed: bytes) -> str:
    """Open a value of the key's person; an absent value stays absent."""
    return Sealer.open(key, key.subject_id, field, sealed) if sealed else ""


def birth_date_of(person: Person, key: DataKey) -> date:
    """Return the birth date as corrected, or else as the ID number has it (GB 11643)."""
    corrected = open_value(key, "birth_date", person.sealed_birth_date)
    if corrected:
        return date.fromisoformat(corrected)
    digits = open_value(key, "id_number", person.sealed_id_number)[6:14]
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
