"""Stops the new intake of projects: open rosters are frozen as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.store import cohorts, pathway_projects


@dataclass(frozen=True, kw_only=True)
class StopPathwayProject(Target):
    """A project whose intake ends, and why."""

    stop_reason: str


async def stop_pathway_projects(
    tx: db.Transaction, items: Sequence[StopPathwayProject], *, now: datetime
) -> list[PathwayProject | DomainError]:
    """Stop those that no rule refuses; projects are public, and stopping takes the permission.

    Cohorts are locked before their projects. A cohort that is opened meanwhile has changed its
    project: the etag of the project is old then.
    """
    ids = [item.id for item in items]
    opened = await cohorts.find_of_projects(tx, ids)
    rosters = await cohorts.get_many(tx, list(opened.values()))
    loaded = await pathway_projects.get_many_locked(tx, ids)

    def stop(item: StopPathwayProject) -> PathwayProject:
        project = loaded.get(item.id)
        if project is None:
            raise ResourceNotFound(name=name_of("pathwayProjects", item.id))
        check_etag(item.etag, project.version)
        project.stop(stop_reason=item.stop_reason)
        return project

    results = each(items, stop)
    stopped = done(results)
    await pathway_projects.save_many(tx, stopped)
    found = (rosters.get(opened[project.id]) for project in stopped if project.id in opened)
    frozen = [cohort for cohort in found if cohort and cohort.freeze_as_it_is(now=now)]
    await cohorts.save_many(tx, frozen)
    return results
