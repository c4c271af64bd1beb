"""Approves corrections: the person and the memberships are as proposed from then on."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey
from services.enrollment.commands.changing import Target
from services.enrollment.commands.following import Following, lock_following
from services.enrollment.commands.identities import Identities
from services.enrollment.commands.opening import (
    birth_date_of,
    in_turn,
    key_of,
    open_value,
    seal,
    visible_person,
)
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_correction import PersonCorrection, Values
from services.enrollment.store import cohort_members, person_corrections, persons


async def approve_person_corrections(
    tx: db.Transaction,
    items: Sequence[Target],
    *,
    caller: Caller,
    keys: KeyStore,
    identities: Identities,
) -> list[PersonCorrection | DomainError]:
    """Approve those that no rule refuses: another person than who proposed decides (XJ)."""
    return await in_turn(
        items, partial(_approve, tx, caller=caller, keys=keys, identities=identities)
    )


async def _approve(
    tx: db.Transaction,
    item: Target,
    *,
    caller: Caller,
    keys: KeyStore,
    identities: Identities,
) -> PersonCorrection:
    correction = (await person_corrections.get_many(tx, [item.id])).get(item.id)
    if correction is None or caller.organisation not in correction.parties:
        raise ResourceNotFound(name=name_of("personCorrections", item.id))
    check_etag(item.etag, correction.version)
    following = await lock_following(tx, [correction.person_id])
    person = visible_person(following.persons, correction.person_id, caller)
    person.check_active()
    correction.check_may_decide(caller.subject)
    key = await key_of(keys, person.id)
    former = _former(person, correction, key)
    correction.approve(actor=caller.subject, former=former)
    _correct(person, correction, key)
    await _follow(tx, following, person, key)
    await person_corrections.save_many(tx, [correction])
    await persons.save_many(tx, [person])
    name = open_value(key, "display_name", person.sealed_display_name)
    await identities.note([identities.of_name(person.id, name, birth_date_of(person, key))])
    return correction


def _former(person: Person, correction: PersonCorrection, key: DataKey) -> Values:
    """Return what is replaced, sealed for the correction's history."""
    name = open_value(key, "display_name", person.sealed_display_name)
    birth_date = birth_date_of(person, key).isoformat()
    return Values(
        display_name=seal(key, "former_display_name", name)
        if correction.sealed_display_name
        else b"",
        sex_code=seal(key, "former_sex_code", person.sex_code)
        if correction.sealed_sex_code
        else b"",
        birth_date=seal(key, "former_birth_date", birth_date)
        if correction.sealed_birth_date
        else b"",
    )


def _correct(person: Person, correction: PersonCorrection, key: DataKey) -> None:
    birth_date = open_value(key, "birth_date", correction.sealed_birth_date)
    person.correct(
        sealed_display_name=correction.sealed_display_name,
        sex_code=open_value(key, "sex_code", correction.sealed_sex_code),
        sealed_birth_date=correction.sealed_birth_date,
        birth_year=date.fromisoformat(birth_date).year if birth_date else None,
    )


async def _follow(tx: db.Transaction, following: Following, person: Person, key: DataKey) -> None:
    """Let rosters show what is right: memberships carry the name and the year of birth."""
    for member in following.members:
        # Sealed anew: the same bytes in two records would tell that they are alike.
        name = open_value(key, "display_name", person.sealed_display_name)
        member.correct(
            sealed_display_name=seal(key, "display_name", name), birth_year=person.birth_year
        )
    await cohort_members.save_many(tx, following.members)
