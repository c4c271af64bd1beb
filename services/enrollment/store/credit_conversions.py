"""Conversions in the database, with their explanation: versions are added, and none is changed.

Whoever writes a version holds the lock of its person; two versions of one number fail by the key.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.enrollment.domain.credit_conversion import (
    CreditConversion,
    CreditRules,
    Limit,
    Line,
    Refused,
    Rule,
)
from services.enrollment.store.outcome_tables import credit_conversion

_COLUMNS = [column.name for column in credit_conversion.columns]
_LATER = credit_conversion.alias("later")
# One that was of another person before, or is since, is of whom its last version says.
_IS_LAST = ~(
    select(_LATER.c.id)
    .where(_LATER.c.id == credit_conversion.c.id, _LATER.c.version > credit_conversion.c.version)
    .exists()
)
PRESENT = select(credit_conversion).where(_IS_LAST)
_OF_PERSONS = db.compile(
    PRESENT.where(
        credit_conversion.c.person_id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    ).order_by(credit_conversion.c.id)
)
_ADD = bulk.insert_many(credit_conversion, _COLUMNS)


async def add(tx: db.Transaction, conversion: CreditConversion) -> None:
    """Insert a conversion."""
    await add_versions(tx, [conversion])


async def add_versions(tx: db.Transaction, conversions: Sequence[CreditConversion]) -> None:
    """Add a version of each conversion; raises VersionConflict if another was added meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, conversions, to_row)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error


async def list_of_persons(tx: db.Transaction, person_ids: Sequence[UUID]) -> list[CreditConversion]:
    """Load the conversions of persons as they are now."""
    rows = await tx.fetch(_OF_PERSONS, ids=list(set(person_ids)))
    return [from_row(row) for row in rows]


def to_row(conversion: CreditConversion) -> Mapping[str, Any]:
    """Return a conversion as a row: rules and lines are JSON."""
    return {
        **vars(conversion),
        "parties": json.dumps(conversion.parties),
        "rules": json.dumps(asdict(conversion.rules)),
        "lines": json.dumps([asdict(each) for each in conversion.lines], default=str),
    }


def from_row(row: db.Row) -> CreditConversion:
    """Return the conversion of a row."""
    return CreditConversion(
        **{
            **row,
            "parties": json.loads(row["parties"]),
            "rules": _rules(json.loads(row["rules"])),
            "lines": [_line(each) for each in json.loads(row["lines"])],
        }
    )


def _rules(written: Mapping[str, Any]) -> CreditRules:
    limits = {
        name: Limit(**written[name]) for name in ("converted_max", "online_max", "relevance_min")
    }
    return CreditRules(**{**written, **limits})


def _line(written: Mapping[str, Any]) -> Line:
    refused = tuple(Refused(**{**each, "rule": Rule(each["rule"])}) for each in written["refused"])
    return Line(**{**written, "outcome_id": UUID(written["outcome_id"]), "refused": refused})
