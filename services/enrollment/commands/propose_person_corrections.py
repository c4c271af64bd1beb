"""Proposes corrections of name, sex or birth date, sealed with the person's key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from services.enrollment.commands.opening import in_turn, key_of, load_person, seal
from services.enrollment.domain.person_correction import PersonCorrection, Values
from services.enrollment.domain.person_refusals import BirthDateInFuture
from services.enrollment.store import person_corrections


@dataclass(frozen=True, kw_only=True)
class ProposePersonCorrection:
    """What is right, in clear; `repr` shows none of it."""

    person_id: UUID
    display_name: str = field(repr=False)
    sex_code: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    evidence_sha256: str


async def propose_person_corrections(
    tx: db.Transaction,
    items: Sequence[ProposePersonCorrection],
    *,
    caller: Caller,
    keys: KeyStore,
    today: date,
) -> list[PersonCorrection | DomainError]:
    """Propose those that no rule refuses."""
    return await in_turn(items, partial(_propose, tx, caller=caller, keys=keys, today=today))


async def _propose(
    tx: db.Transaction,
    item: ProposePersonCorrection,
    *,
    caller: Caller,
    keys: KeyStore,
    today: date,
) -> PersonCorrection:
    person = await load_person(tx, item.person_id, caller)
    person.check_active()
    if item.birth_date and item.birth_date > today:
        raise BirthDateInFuture
    key = await key_of(keys, person.id)
    values = Values(
        display_name=seal(key, "display_name", item.display_name),
        sex_code=seal(key, "sex_code", item.sex_code),
        birth_date=seal(key, "birth_date", item.birth_date.isoformat() if item.birth_date else ""),
    )
    correction = PersonCorrection.propose(
        new_id=new_id(),
        person_id=person.id,
        parties=person.parties,
        values=values,
        evidence_sha256=item.evidence_sha256,
        actor=caller.subject,
    )
    await person_corrections.add_many(tx, [correction])
    return correction
