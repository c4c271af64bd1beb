"""Reads what belongs to persons; a person's duplicates are read with it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.listing import Listing
from chassis.paging import PAGE_SIZE_MAX, Page, read_page
from services.enrollment.queries.families import find_family
from services.enrollment.store.cooperation_tables import cooperation_pupil
from services.enrollment.store.outcome_tables import credit_conversion, learning_outcome
from services.enrollment.store.person_tables import (
    access_log,
    consent,
    guardian,
    person_correction,
    person_erasure,
    student_number,
)
from services.enrollment.store.status_tables import electronic_registration, status_change
from services.enrollment.store.tables import (
    back_stage_registration,
    cohort_member,
    person_party,
)


class PersonListing:
    """A list of what belongs to persons, for those who may see the persons."""

    def __init__(self, table: Table) -> None:
        def of_persons(name: str) -> ColumnElement[bool]:
            wanted = bindparam(name, type_=ARRAY(Uuid))
            condition: ColumnElement[bool] = table.c.person_id == any_(wanted)
            return condition

        rows: Select[Any] = select(table)
        self._all = Listing(rows, key=table.c.id, filters={"person_ids": of_persons})
        self._of_party = Listing(
            rows.join(person_party, person_party.c.person_id == table.c.person_id),
            key=table.c.id,
            filters={"person_ids": of_persons},
            parties=[person_party.c.party],
        )

    async def fetch(
        self, reader: db.Reader, page: Page, *, scope: str | None, person_id: UUID | None
    ) -> tuple[Sequence[db.Row], str]:
        """Return a page, of one person or of all, and the token of the next."""
        person_ids = None if person_id is None else await find_family(reader, person_id)
        # Without a scope a row would come once for each of the person's parties.
        listing = self._all if scope is None else self._of_party
        return await listing.fetch(reader, page, scope=scope, person_ids=person_ids)

    async def fetch_all(self, reader: db.Reader, family: Sequence[UUID]) -> Sequence[db.Row]:
        """Return all that belongs to a person and its duplicates, page by page: it is little."""
        found: list[db.Row] = []
        token = ""
        while True:
            page = read_page(PAGE_SIZE_MAX, token, {})
            rows, token = await self._all.fetch(reader, page, scope=None, person_ids=list(family))
            found += rows
            if not token:
                return found


NUMBERS: Final = PersonListing(student_number)
CORRECTIONS: Final = PersonListing(person_correction)
GUARDIANS: Final = PersonListing(guardian)
CONSENTS: Final = PersonListing(consent)
ERASURES: Final = PersonListing(person_erasure)
ACCESSES: Final = PersonListing(access_log)
MEMBERS: Final = PersonListing(cohort_member)
REGISTRATIONS: Final = PersonListing(back_stage_registration)
STATUS_CHANGES: Final = PersonListing(status_change)
COOPERATION_PUPILS: Final = PersonListing(cooperation_pupil)
CONVERSIONS: Final = PersonListing(credit_conversion)
ELECTRONIC_REGISTRATIONS: Final = PersonListing(electronic_registration)
_OUTCOMES = db.compile(
    select(learning_outcome)
    .where(learning_outcome.c.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid))))
    .order_by(learning_outcome.c.id, learning_outcome.c.version)
)
_GUARDED = db.compile(
    select(guardian.c.person_id).where(
        guardian.c.id == bindparam("guardian_id", type_=Uuid), guardian.c.state == "CURRENT"
    )
)


async def list_outcome_versions(reader: db.Reader, family: Sequence[UUID]) -> Sequence[db.Row]:
    """Return every version of each outcome: they are append-only."""
    return await reader.fetch(_OUTCOMES, person_ids=list(family))


async def find_guarded(reader: db.Reader, guardian_id: UUID) -> UUID | None:
    """Return the person whom a current guardian guards, or None."""
    found: UUID | None = await reader.fetch_value(_GUARDED, guardian_id=guardian_id)
    return found
