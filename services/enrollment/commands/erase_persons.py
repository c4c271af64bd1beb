"""Erases persons (PIPL 47): keys and blind indexes are destroyed, what is in clear is cleared.

The key store is a database of its own. Keys are destroyed last in the transaction, under the
person's lock and after every rule has passed. If the commit then fails, nothing personal can be
read any more although the record does not say so yet: whoever repeats the call completes it, and
so does the next start of the service (`reapply_erasures`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from services.enrollment.commands.changing import Target
from services.enrollment.commands.following import lock_following
from services.enrollment.commands.opening import in_turn, visible_person
from services.enrollment.domain.person import State
from services.enrollment.domain.person_erasure import PersonErasure
from services.enrollment.store import (
    cohort_members,
    cooperation_pupils,
    guardians,
    internships,
    person_corrections,
    person_erasures,
    person_merges,
    persons,
    student_numbers,
)


@dataclass(frozen=True, slots=True)
class _Erased:
    """Who was erased, and why it is on the list of erasures."""

    ids: list[UUID]
    reason: str


async def erase_persons(
    tx: db.Transaction,
    items: Sequence[Target],
    *,
    caller: Caller,
    keys: KeyStore,
    now: datetime,
) -> list[PersonErasure | DomainError]:
    """Carry out the erasures that no rule refuses, as another person than who proposed them."""
    erased: list[_Erased] = []
    results = await in_turn(items, partial(_erase, tx, caller=caller, erased=erased))
    for each in erased:
        for person_id in each.ids:
            await keys.destroy(person_id, reason=each.reason, now=now)
    return results


async def _erase(
    tx: db.Transaction, item: Target, *, caller: Caller, erased: list[_Erased]
) -> PersonErasure:
    erasure = (await person_erasures.get_many(tx, [item.id])).get(item.id)
    if erasure is None or caller.organisation not in erasure.parties:
        raise ResourceNotFound(name=name_of("personErasures", item.id))
    check_etag(item.etag, erasure.version)
    family = await person_merges.family_of(tx, erasure.person_id)
    following = await lock_following(tx, family)
    if set(await person_merges.family_of(tx, erasure.person_id)) != set(family):
        raise db.VersionConflict
    visible_person(following.persons, erasure.person_id, caller).check_active()
    erasure.carry_out(actor=caller.subject)
    await forget(tx, family)
    await person_erasures.save_many(tx, [erasure])
    erased.append(_Erased(family, f"erasure {erasure.id}"))
    return erasure


async def forget(tx: db.Transaction, person_ids: Sequence[UUID]) -> None:
    """Clear everything of persons that is personal: sealed values too, which lead nowhere now.

    Their rows are locked by the caller. Change rows and events keep sealed values that nothing
    opens any more, and codes in clear under an id that leads to no name.
    """
    following = await lock_following(tx, person_ids)
    for person in following.persons.values():
        if person.state is not State.ERASED:
            person.erase()
    for member in following.members:
        member.erase()
    await cohort_members.save_many(tx, following.members)
    await persons.save_many(tx, [each for each in following.persons.values() if each.event])
    await student_numbers.erase(tx, person_ids)
    await person_corrections.erase(tx, person_ids)
    await guardians.erase(tx, person_ids)
    await internships.erase(tx, person_ids)
    await cooperation_pupils.erase(tx, person_ids)
