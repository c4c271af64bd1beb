"""Records guardians, sealed with the key of the person whom they guard."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from services.enrollment.commands.opening import in_turn, key_of, load_person, seal
from services.enrollment.domain.guardian import Guardian, SealedGuardian
from services.enrollment.store import guardians


@dataclass(frozen=True, kw_only=True)
class RecordGuardian:
    """Who a guardian is, in clear; `repr` shows none of it."""

    person_id: UUID
    display_name: str = field(repr=False)
    relation: str = field(repr=False)
    phone: str = field(repr=False)


async def record_guardians(
    tx: db.Transaction, items: Sequence[RecordGuardian], *, caller: Caller, keys: KeyStore
) -> list[Guardian | DomainError]:
    """Record those that no rule refuses."""
    return await in_turn(items, partial(_record, tx, caller=caller, keys=keys))


async def _record(
    tx: db.Transaction, item: RecordGuardian, *, caller: Caller, keys: KeyStore
) -> Guardian:
    person = await load_person(tx, item.person_id, caller)
    person.check_active()
    key = await key_of(keys, person.id)
    sealed = SealedGuardian(
        display_name=seal(key, "display_name", item.display_name),
        relation=seal(key, "relation", item.relation),
        phone=seal(key, "phone", item.phone),
    )
    guardian = Guardian.record(sealed, new_id=new_id(), person_id=person.id, parties=person.parties)
    await guardians.add_many(tx, [guardian])
    return guardian
