"""Agreements in the database, each with its pending revision and the one in force.

Revisions that ended stay: they are the history. This module must not write a revision that no
agreement of the same command holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import bulk, db
from services.enrollment.domain.cooperation_agreement import (
    CooperationAgreement,
    Revision,
    RevisionState,
    State,
)
from services.enrollment.store.agreement_tables import agreement_revision, cooperation_agreement

_COLUMNS = [column.name for column in cooperation_agreement.columns]
_WRITTEN = [name for name in _COLUMNS if name not in {"id", "version"}]
_REVISION = [column.name for column in agreement_revision.columns]
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_GET = db.compile(
    select(cooperation_agreement)
    .where(cooperation_agreement.c.id == any_(_IDS))
    .order_by(cooperation_agreement.c.id)
    .with_for_update()
)
CURRENT = db.compile(
    select(agreement_revision).where(
        agreement_revision.c.agreement_id == any_(_IDS),
        agreement_revision.c.state.in_([literal_column("'PENDING'"), literal_column("'IN_FORCE'")]),
    )
)
_OF_PROJECTS = db.compile(
    select(cooperation_agreement.c.project_id, cooperation_agreement.c.id).where(
        cooperation_agreement.c.project_id == any_(_IDS),
        cooperation_agreement.c.state != literal_column("'ENDED'"),
    )
)
_ADD = bulk.insert_many(cooperation_agreement, _COLUMNS)
_SAVE = bulk.update_many(cooperation_agreement, _WRITTEN)


def _put() -> db.Statement:
    arrays = (
        bindparam(f"{name}_", type_=ARRAY(agreement_revision.c[name].type)) for name in _REVISION
    )
    rows = func.unnest(*arrays).table_valued(*_REVISION, joins_implicitly=True).render_derived()
    statement = insert(agreement_revision).from_select(
        _REVISION, select(*(rows.c[name] for name in _REVISION))
    )
    return db.compile(
        statement.on_conflict_do_update(
            index_elements=["agreement_id", "number"],
            set_={name: statement.excluded[name] for name in _REVISION[2:]},
        )
    )


_PUT = _put()


async def get_many(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, CooperationAgreement]:
    """Load agreements, locked in the order of their ids; unknown ids are absent."""
    rows = await tx.fetch(_GET, ids=list(set(ids)))
    # A statement of its own, after the locks: it sees what was committed before them.
    revisions = await tx.fetch(CURRENT, ids=[row["id"] for row in rows])
    loaded = {row["id"]: _from_row(row) for row in rows}
    for row in revisions:
        agreement, revision = loaded[row["agreement_id"]], _revision(row)
        if revision.state is RevisionState.PENDING:
            agreement.pending = revision
        else:
            agreement.in_force = revision
    return loaded


async def find_of_projects(tx: db.Transaction, project_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the agreement of each project that has one which has not ended."""
    rows = await tx.fetch(_OF_PROJECTS, ids=list(set(project_ids)))
    return {row["project_id"]: row["id"] for row in rows}


async def add_many(tx: db.Transaction, agreements: Sequence[CooperationAgreement]) -> None:
    """Insert agreements; raises VersionConflict if a project's was drafted meanwhile."""
    try:
        await bulk.add(tx, _ADD, _COLUMNS, agreements)
    except asyncpg.UniqueViolationError as error:
        raise db.VersionConflict from error
    await _put_revisions(tx, agreements)


async def save_many(tx: db.Transaction, agreements: Sequence[CooperationAgreement]) -> None:
    """Write changed agreements and revisions; VersionConflict if one was changed meanwhile."""
    await bulk.save(tx, _SAVE, _WRITTEN, agreements)
    await _put_revisions(tx, agreements)


async def _put_revisions(tx: db.Transaction, agreements: Sequence[CooperationAgreement]) -> None:
    """Write what ended before what takes its place: at no moment are two in force."""
    ended = [(each.id, revision) for each in agreements for revision in each.closed]
    present = [
        (each.id, revision)
        for each in agreements
        for revision in (each.in_force, each.pending)
        if revision is not None
    ]
    for revisions in (ended, present):
        if revisions:
            await tx.execute(_PUT, **bulk.arrays(_REVISION, _revision_rows(revisions)))


def _revision_rows(revisions: Iterable[tuple[UUID, Revision]]) -> Iterable[Mapping[str, Any]]:
    return [{**vars(revision), "agreement_id": owner} for owner, revision in revisions]


def _revision(row: db.Row) -> Revision:
    values: dict[str, Any] = dict(row)
    del values["agreement_id"]
    values["state"] = RevisionState(row["state"])
    return Revision(**values)


def _from_row(row: db.Row) -> CooperationAgreement:
    values: dict[str, Any] = dict(row)
    values["state"] = State(row["state"])
    return CooperationAgreement(**values)
