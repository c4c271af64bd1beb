"""Cooperations in the database: loaded locked, saved guarded by version, with who takes part.

What is JSON in a row is read whole with it. Who takes part is a table too: for whom a row is to
be seen, and how organisations are counted, is asked there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import bulk, db
from services.enrollment.domain.agreement_terms import Document
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State
from services.enrollment.domain.cooperation_parts import (
    Agreement,
    Body,
    BodyKind,
    Contribution,
    DatedGrade,
    Grade,
    Kind,
    Party,
    Period,
    Role,
)
from services.enrollment.store.cooperation_tables import cooperation, cooperation_party

_COLUMNS = [column.name for column in cooperation.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_PARTY = [column.name for column in cooperation_party.columns]
_GET = db.compile(
    select(cooperation)
    .where(cooperation.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(cooperation.c.id)
    .with_for_update()
)
_ADD = bulk.insert_many(cooperation, _COLUMNS)
_SAVE = bulk.update_many(cooperation, _WRITTEN)


def _put_parties() -> db.Statement:
    arrays = (bindparam(f"{name}_", type_=ARRAY(cooperation_party.c[name].type)) for name in _PARTY)
    rows = func.unnest(*arrays).table_valued(*_PARTY, joins_implicitly=True).render_derived()
    statement = insert(cooperation_party).from_select(
        _PARTY, select(*(rows.c[name] for name in _PARTY))
    )
    return db.compile(
        statement.on_conflict_do_update(
            index_elements=["organisation", "cooperation_id"],
            set_={name: statement.excluded[name] for name in ("role", "join_date", "leave_date")},
        )
    )


_PUT_PARTIES = _put_parties()


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Cooperation]:
    """Load cooperations, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    return {row["id"]: from_row(row) for row in rows}


async def add_many(tx: db.Transaction, cooperations: Sequence[Cooperation]) -> None:
    """Insert cooperations."""
    await bulk.add(tx, _ADD, _COLUMNS, cooperations, to_row)
    await _write_parties(tx, cooperations)


async def save_many(tx: db.Transaction, cooperations: Sequence[Cooperation]) -> None:
    """Write changed cooperations; raises VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, cooperations, to_row)
    await _write_parties(tx, cooperations)


async def _write_parties(tx: db.Transaction, cooperations: Sequence[Cooperation]) -> None:
    """Write who takes part: of one who left and came back, the last stay."""
    latest = {
        (each.organisation, found.id): {**asdict(each), "cooperation_id": found.id}
        for found in cooperations
        for each in found.parties
    }
    if latest:
        rows = [latest[key] for key in sorted(latest)]
        await tx.execute(_PUT_PARTIES, **bulk.arrays(_PARTY, rows))


def to_row(each: Cooperation) -> Mapping[str, Any]:
    """Return a cooperation as a row: its lists are JSON."""
    agreement = each.agreement
    return {
        **vars(each),
        "agreement_number": agreement.number if agreement else "",
        "agreement_sha256": agreement.sha256 if agreement else "",
        "valid_from_date": agreement.valid_from_date if agreement else None,
        "valid_to_date": agreement.valid_to_date if agreement else None,
        **{
            name: _dump(getattr(each, name))
            for name in (
                "parties",
                "documents",
                "grades",
                "bodies",
                "contributions",
                "in_force_periods",
            )
        },
    }


def from_row(row: Mapping[str, Any]) -> Cooperation:
    """Return the cooperation of a row."""
    return Cooperation(
        id=row["id"],
        version=row["version"],
        state=State(row["state"]),
        kind=Kind(row["kind"]),
        display_name=row["display_name"],
        parties=[Party(**{**each, "role": Role(each["role"])}) for each in _load(row["parties"])],
        agreement=_agreement(row),
        documents=[Document(**each) for each in _load(row["documents"])],
        class_name=row["class_name"],
        student_count=row["student_count"],
        grades=[
            DatedGrade(**{**each, "grade": Grade(each["grade"])}) for each in _load(row["grades"])
        ],
        bodies=[
            Body(**{**each, "kind": BodyKind(each["kind"]), "members": tuple(each["members"])})
            for each in _load(row["bodies"])
        ],
        contributions=[Contribution(**each) for each in _load(row["contributions"])],
        in_force_periods=[Period(**each) for each in _load(row["in_force_periods"])],
        holder=row["holder"],
        reason=row["reason"],
        drafted_by=row["drafted_by"],
    )


def _agreement(row: Mapping[str, Any]) -> Agreement | None:
    if not row["agreement_sha256"]:
        return None
    return Agreement(
        number=row["agreement_number"],
        sha256=row["agreement_sha256"],
        valid_from_date=row["valid_from_date"],
        valid_to_date=row["valid_to_date"],
    )


def _dump(values: Sequence[Any]) -> str:
    return json.dumps([asdict(value) for value in values], default=date.isoformat)


def _load(text: str) -> list[dict[str, Any]]:
    """Return the items of a JSON list, with their dates as dates."""
    return [
        {
            name: date.fromisoformat(value) if name.endswith("_date") and value else value
            for name, value in each.items()
        }
        for each in json.loads(text)
    ]
