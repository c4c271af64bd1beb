"""Proposes erasures: another person carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.opening import in_turn, load_person
from services.enrollment.domain.person_erasure import PersonErasure
from services.enrollment.domain.person_refusals import ErasureAlreadyProposed
from services.enrollment.store import person_erasures


@dataclass(frozen=True, kw_only=True)
class ProposePersonErasure:
    """A person to erase, and why."""

    person_id: UUID
    reason: str


async def propose_person_erasures(
    tx: db.Transaction, items: Sequence[ProposePersonErasure], *, caller: Caller
) -> list[PersonErasure | DomainError]:
    """Propose those that no rule refuses."""
    return await in_turn(items, partial(_propose, tx, caller=caller))


async def _propose(
    tx: db.Transaction, item: ProposePersonErasure, *, caller: Caller
) -> PersonErasure:
    person = await load_person(tx, item.person_id, caller)
    person.check_active()
    waiting = await person_erasures.find_open_id(tx, person.id)
    if waiting is not None:
        raise ErasureAlreadyProposed(name=name_of("personErasures", waiting))
    erasure = PersonErasure.propose(
        new_id=new_id(),
        person_id=person.id,
        parties=person.parties,
        reason=item.reason,
        actor=caller.subject,
    )
    await person_erasures.add_many(tx, [erasure])
    return erasure
