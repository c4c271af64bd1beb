"""Internships in the database: loaded locked, saved guarded by version.

Locks are taken in the order person, internship, so that of two who plan for one student the
second sees the first's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.cooperation_parts import Kind
from services.enrollment.domain.internship import Extension, Internship, State
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.store.belonging import erasing
from services.enrollment.store.cooperation_tables import cooperation
from services.enrollment.store.internship_tables import internship
from services.enrollment.store.person_tables import consent
from services.enrollment.store.tables import status_record

_COLUMNS = [column.name for column in internship.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_PERSON_IDS = db.compile(
    select(internship.c.person_id).where(internship.c.id == any_(_IDS)).distinct()
)
_GET = db.compile(
    select(internship)
    .where(internship.c.id == any_(_IDS))
    .order_by(internship.c.id)
    .with_for_update()
)
_OF_PERSONS = db.compile(
    select(internship).where(internship.c.person_id == any_(_IDS)).order_by(internship.c.id)
)
_CONSENTED = db.compile(
    select(consent.c.person_id).where(
        consent.c.person_id == any_(_IDS),
        # Written out, so that the partial index serves it.
        consent.c.purpose == literal_column(f"'{Purpose.ENTERPRISE}'"),
        consent.c.state == literal_column("'GIVEN'"),
    )
)
_RECORD_STATE = db.compile(
    select(status_record.c.state).where(status_record.c.id == bindparam("record_id", type_=Uuid))
)
_COOPERATION_KIND = db.compile(
    select(cooperation.c.kind).where(cooperation.c.id == bindparam("cooperation_id", type_=Uuid))
)
_ERASE = erasing(internship)
_ADD = bulk.insert_many(internship, _COLUMNS)
_SAVE = bulk.update_many(internship, _WRITTEN)


async def find_person_ids(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return whose internships these are: the persons to lock before they are loaded."""
    return [row["person_id"] for row in await tx.fetch(_PERSON_IDS, ids=list(set(ids)))]


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Internship]:
    """Load internships, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: from_row(row) for row in rows}


async def list_of_persons(tx: db.Reader, person_ids: Sequence[UUID]) -> list[Internship]:
    """Load all internships of persons, in order of creation."""
    rows = await tx.fetch(_OF_PERSONS, ids=list(set(person_ids)))
    return [from_row(row) for row in rows]


async def find_consenting(tx: db.Reader, person_ids: Sequence[UUID]) -> set[UUID]:
    """Return who of these lets enterprises have their data (PIPL 23)."""
    rows = await tx.fetch(_CONSENTED, ids=list(set(person_ids)))
    return {row["person_id"] for row in rows}


async def get_record_state(tx: db.Reader, each: Internship) -> RecordState:
    """Return the state of the status record under which the student is at work."""
    return RecordState(await tx.fetch_value(_RECORD_STATE, record_id=each.status_record_id))


async def is_apprenticeship(tx: db.Reader, each: Internship) -> bool:
    """Whether it belongs to an apprenticeship (LAW 职业教育法 art 30)."""
    kind = await tx.fetch_value(_COOPERATION_KIND, cooperation_id=each.cooperation_id)
    return bool(kind == Kind.APPRENTICESHIP.value)


async def erase(tx: db.Transaction, person_ids: Sequence[UUID]) -> None:
    """Empty what is sealed of persons' internships; the days and posts stay, as no name does."""
    await tx.execute(_ERASE, ids=list(person_ids), empty=b"")


async def add_many(tx: db.Transaction, internships: Sequence[Internship]) -> None:
    """Insert planned internships."""
    await bulk.add(tx, _ADD, _COLUMNS, internships, _to_row)


async def save_many(tx: db.Transaction, internships: Sequence[Internship]) -> None:
    """Write changed internships; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, internships, _to_row)


def from_row(row: db.Row) -> Internship:
    """Return the internship of a row."""
    extensions = [Extension(**_dated(each)) for each in json.loads(row["extensions"])]
    return Internship(**{**row, "state": State(row["state"]), "extensions": extensions})


def _to_row(each: Internship) -> Mapping[str, Any]:
    extensions = [asdict(extension) for extension in each.extensions]
    return {**vars(each), "extensions": json.dumps(extensions, default=date.isoformat)}


def _dated(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name.endswith("_date") else value
        for name, value in fields.items()
    }
