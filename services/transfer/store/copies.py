"""Local copies of what enrollment owns, built from its events; older versions change nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.transfer.domain.application import Member
from services.transfer.domain.transfer_batch import Project
from services.transfer.store.tables import (
    application,
    copy_cohort_member,
    copy_organisation,
    copy_pathway_project,
)

# By source and resource type: what is compared with the source by name, version and hash.
COPIES: Final[Mapping[str, Mapping[str, Table]]] = {
    "enrollment": {
        "organisations": copy_organisation,
        "pathwayProjects": copy_pathway_project,
        "cohortMembers": copy_cohort_member,
    }
}


def _columns(table: Table) -> list[str]:
    return [each.name for each in table.columns if each.name not in {"id", "version"}]


_UPSERTS = {
    table.name: bulk.upsert_news(table, _columns(table))
    for tables in COPIES.values()
    for table in tables.values()
}
_PROJECT = db.compile(
    select(copy_pathway_project).where(
        copy_pathway_project.c.id == bindparam("project_id", type_=Uuid)
    )
)
_MEMBER = select(copy_cohort_member, copy_pathway_project.c.front, copy_pathway_project.c.back)
_MEMBER = _MEMBER.select_from(
    copy_cohort_member.outerjoin(
        copy_pathway_project, copy_pathway_project.c.id == copy_cohort_member.c.project_id
    )
)
_MEMBERS_OF = db.compile(
    _MEMBER.where(
        copy_cohort_member.c.id.in_(
            select(application.c.member_id).where(
                application.c.id == any_(bindparam("application_ids", type_=ARRAY(Uuid)))
            )
        )
    )
)
_MEMBERS = db.compile(
    _MEMBER.where(copy_cohort_member.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
)


async def upsert(tx: db.Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write copies: new ones, and those of a higher version than the present one."""
    columns = ["id", "version", *_columns(table)]
    await tx.execute(_UPSERTS[table.name], **bulk.arrays(columns, rows))


async def find_project(tx: db.Transaction, project_id: UUID) -> Project | None:
    """Return the copy of a pathway project, or None while it has not arrived."""
    row = await tx.fetch_one(_PROJECT, project_id=project_id)
    if row is None:
        return None
    return Project(
        id=row["id"],
        front=row["front"],
        back=row["back"],
        back_plan=row["back_plan"],
        transfer_year=row["transfer_year"],
        is_approved=row["state"] in {"APPROVED", "RECRUITING", "RUNNING", "STOPPED"},
    )


async def find_members(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Return the copies of members; those that have not arrived are absent."""
    return _members(await tx.fetch(_MEMBERS, ids=list(ids)))


async def find_members_of(
    tx: db.Transaction, application_ids: Sequence[UUID]
) -> dict[UUID, Member]:
    """Return the copies of the members whom applications are of."""
    return _members(await tx.fetch(_MEMBERS_OF, application_ids=list(application_ids)))


def _members(rows: Sequence[db.Row]) -> dict[UUID, Member]:
    return {
        row["id"]: Member(
            id=row["id"],
            project_id=row["project_id"],
            front=row["front"] or "",
            back=row["back"] or "",
            person_id=row["person_id"],
            state=row["state"],
            birth_year=row["birth_year"],
            sealed_display_name=row["sealed_display_name"],
        )
        for row in rows
    }
