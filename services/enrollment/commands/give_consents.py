"""Records consents: given by the person, or by a guardian where the age needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from services.enrollment.commands.opening import birth_date_of, in_turn, key_of, load_person
from services.enrollment.domain.consent import Consent, Purpose, check_giver, check_none_holds
from services.enrollment.domain.guardian import Guardian
from services.enrollment.domain.person_refusals import NotGuardian
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import consents, guardians


@dataclass(frozen=True, kw_only=True)
class GiveConsent:
    """A consent: whose, by whom, for what."""

    person_id: UUID
    guardian_id: UUID | None
    purpose: Purpose
    give_date: date
    evidence_sha256: str


async def give_consents(
    tx: db.Transaction,
    items: Sequence[GiveConsent],
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    today: date,
) -> list[Consent | DomainError]:
    """Record those that no rule refuses."""
    rule = partial(_give, tx, caller=caller, keys=keys, policies=policies, today=today)
    return await in_turn(items, rule)


async def _give(
    tx: db.Transaction,
    item: GiveConsent,
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    today: date,
) -> Consent:
    guardian = await _guardian(tx, item.guardian_id)
    person = await load_person(tx, item.person_id, caller)
    person.check_active()
    check_giver(
        policies,
        purpose=item.purpose,
        birth_date=birth_date_of(person, await key_of(keys, person.id)),
        give_date=item.give_date,
        guardian=guardian,
        person_id=person.id,
        today=today,
    )
    check_none_holds(await consents.find_held(tx, person.id, item.purpose))
    consent = Consent.give(
        new_id=new_id(),
        person_id=person.id,
        parties=person.parties,
        guardian_id=item.guardian_id,
        purpose=item.purpose,
        give_date=item.give_date,
        evidence_sha256=item.evidence_sha256,
    )
    await consents.add_many(tx, [consent])
    return consent


async def _guardian(tx: db.Transaction, guardian_id: UUID | None) -> Guardian | None:
    if guardian_id is None:
        return None
    found = (await guardians.get_many(tx, [guardian_id])).get(guardian_id)
    if found is None:
        raise NotGuardian
    return found
