"""Closes projects of which everybody is taught out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.store import pathway_projects
from services.enrollment.store.pathway_students import count_students


@dataclass(frozen=True, kw_only=True)
class ClosePathwayProject(Target):
    """A project to close."""


async def close_pathway_projects(
    tx: db.Transaction, items: Sequence[ClosePathwayProject], *, caller: Caller, now: datetime
) -> list[PathwayProject | DomainError]:
    """Close those that no rule refuses."""
    ids = [item.id for item in items]
    loaded = await pathway_projects.get_many_locked(tx, ids)
    counts = await count_students(tx, ids)
    year = civil_date(now).year

    def close(item: ClosePathwayProject) -> PathwayProject:
        project = visible(loaded, item, caller, collection="pathwayProjects")
        left = counts[project.id]
        project.close(
            party=caller.organisation,
            students=left.students,
            graduates=left.graduates,
            year=year,
        )
        return project

    results = each(items, close)
    await pathway_projects.save_many(tx, done(results))
    return results
