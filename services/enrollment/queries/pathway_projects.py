"""Reads pathway projects: the lists are published, so all are visible to everybody."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db
from chassis.listing import Listing
from chassis.paging import Page
from services.enrollment.store.tables import pathway_project

_LISTING = Listing(
    select(pathway_project),
    key=pathway_project.c.id,
    filters={name: pathway_project.c[name] for name in ("state", "approval_year")},
)


async def get_pathway_project(reader: db.Reader, project_id: UUID) -> db.Row:
    """Return a project; raises ResourceNotFound if there is none."""
    return await _LISTING.get(reader, "pathwayProjects", project_id, scope=None)


async def list_pathway_projects(
    reader: db.Reader, page: Page, **filters: Any
) -> tuple[Sequence[db.Row], str]:
    """Return a page of projects and the token of the next; filters: state, approval_year."""
    return await _LISTING.fetch(reader, page, scope=None, **filters)
