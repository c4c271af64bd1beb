"""How commands take steps on internships: lock the student, load, look who asks.

Who may not see an internship is told that there is none. An enterprise sees those of students who
let it have their data (PIPL 23).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from services.enrollment.commands.changing import Target
from services.enrollment.commands.opening import birth_date_of, key_of
from services.enrollment.domain.consent import Consent, Purpose
from services.enrollment.domain.internship import Internship, Minority
from services.enrollment.domain.person import Person
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import (
    consents,
    internships,
    majors,
    organisations,
    person_merges,
    persons,
)


@dataclass(frozen=True, slots=True)
class Intern:
    """A student as they stand now, with their duplicates, all locked."""

    person: Person
    family: list[UUID]

    async def internships(self, tx: db.Transaction) -> list[Internship]:
        """Return all internships that the student has or had."""
        return await internships.list_of_persons(tx, self.family)


async def lock_intern(tx: db.Transaction, person_id: UUID) -> Intern:
    """Lock a student and their duplicates; raises the refusal of who is erased."""
    survivor_id = (await person_merges.resolve(tx, [person_id])).get(person_id, person_id)
    family = await person_merges.family_of(tx, survivor_id)
    locked = await persons.get_many(tx, family)
    if set(await person_merges.family_of(tx, survivor_id)) != set(family):
        raise db.VersionConflict
    person = locked[survivor_id]
    person.check_active()
    return Intern(person, family)


async def load_internship(
    tx: db.Transaction, item: Target, caller: Caller
) -> tuple[Internship, Intern]:
    """Load an internship at the version that the caller has seen, its student locked before."""
    found = await internships.find_person_ids(tx, [item.id])
    if not found:
        raise ResourceNotFound(name=name_of("internships", item.id))
    intern = await lock_intern(tx, found[0])
    # Loaded after the lock is held: a statement of its own sees what was committed before.
    internship = (await internships.get_many(tx, [item.id]))[item.id]
    if not await _is_seen(tx, internship, caller):
        raise ResourceNotFound(name=name_of("internships", item.id))
    check_etag(item.etag, internship.version)
    return internship, intern


async def check_enterprise(tx: db.Transaction, internship: Internship) -> None:
    """Refuse to go on at an enterprise that is blocked, or ends before the internship does."""
    employer = (await organisations.find_many(tx, [internship.enterprise]))[internship.enterprise]
    employer.check_open_to_new(on=internship.end_date)


async def minority_of(
    tx: db.Transaction, intern: Intern, *, keys: KeyStore, policies: PolicyTable
) -> Minority:
    """Return what says whether a guardian has to consent to the internship, and has."""
    held: Consent | None = None
    for person_id in intern.family:
        held = held or await consents.find_held(tx, person_id, Purpose.INTERNSHIP)
    key = await key_of(keys, intern.person.id)
    return Minority(policies=policies, birth_date=birth_date_of(intern.person, key), consent=held)


async def major_codes_on(
    tx: db.Transaction, major_code: str, *, since: date, on: date
) -> frozenset[str]:
    """Return the codes on a day of the major that a code meant before: it may be renamed.

    A code alone would do wrong: 540101 is another major in each catalogue (GK).
    """
    entry = await majors.find_in_force(tx, major_code, on=since)
    if entry is None or entry.is_in_force(on) or not entry.successors:
        return frozenset({major_code})
    return frozenset(each.partition("-")[2] for each in entry.successors)


async def _is_seen(tx: db.Transaction, internship: Internship, caller: Caller) -> bool:
    if caller.organisation == internship.organisation:
        return True
    is_enterprise = caller.organisation == internship.enterprise
    return is_enterprise and bool(await internships.find_consenting(tx, [internship.person_id]))
