"""Learning outcomes in the database: versions are added, and none is changed.

Whoever writes a version holds the lock of its person; two versions of one number fail by the key.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.learning_outcome import Grade, Kind, LearningOutcome, State
from services.enrollment.store.outcome_tables import learning_outcome

_COLUMNS = [column.name for column in learning_outcome.columns]


_LATER = learning_outcome.alias("later")
# One that was of another person before, or is since, is of whom its last version says.
_IS_LAST = ~(
    select(_LATER.c.id)
    .where(_LATER.c.id == learning_outcome.c.id, _LATER.c.version > learning_outcome.c.version)
    .exists()
)


def _present(name: str) -> db.Statement:
    """Select the last version of each outcome that a column finds."""
    return db.compile(
        select(learning_outcome)
        .where(learning_outcome.c[name] == any_(bindparam("ids", type_=ARRAY(Uuid))), _IS_LAST)
        .order_by(learning_outcome.c.id)
    )


_GET = _present("id")
_OF_PERSONS = _present("person_id")
_PERSON_IDS = db.compile(
    select(learning_outcome.c.person_id)
    .where(learning_outcome.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))), _IS_LAST)
    .distinct()
)
_ADD = bulk.insert_many(learning_outcome, _COLUMNS)


async def find_person_ids(tx: db.Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Return whose outcomes these are: the persons to lock before they are loaded."""
    return [row["person_id"] for row in await tx.fetch(_PERSON_IDS, ids=list(set(ids)))]


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, LearningOutcome]:
    """Load outcomes as they are now; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: from_row(row) for row in rows}


async def list_of_persons(tx: db.Transaction, person_ids: Sequence[UUID]) -> list[LearningOutcome]:
    """Load all outcomes of persons as they are now."""
    rows = await tx.fetch(_OF_PERSONS, ids=list(set(person_ids)))
    return [from_row(row) for row in rows]


async def add_versions(tx: db.Transaction, outcomes: Sequence[LearningOutcome]) -> None:
    """Add a version of each outcome; raises VersionConflict if another was added meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, outcomes, _to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


def from_row(row: db.Row) -> LearningOutcome:
    """Return the outcome as it was at the version of a row."""
    return LearningOutcome(
        **{
            **row,
            "state": State(row["state"]),
            "kind": Kind(row["kind"]),
            "grade": Grade(row["grade"]) if row["grade"] else None,
            "parties": json.loads(row["parties"]),
        }
    )


def _to_row(outcome: LearningOutcome) -> Mapping[str, Any]:
    return {**vars(outcome), "parties": json.dumps(outcome.parties)}
