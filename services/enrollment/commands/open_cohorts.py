"""Opens the cohorts of approved projects as their front school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.refusals import CohortAlreadyOpened
from services.enrollment.store import cohorts, pathway_projects


@dataclass(frozen=True, kw_only=True)
class OpenCohort:
    """A cohort to open."""

    project_id: UUID
    intake_date: date
    class_names: list[str]


async def open_cohorts(
    tx: db.Transaction, items: Sequence[OpenCohort], *, caller: Caller
) -> list[Cohort | DomainError]:
    """Open those that no rule refuses; a project has one cohort, and recruits with it."""
    project_ids = [item.project_id for item in items]
    projects = await pathway_projects.get_many_locked(tx, project_ids)
    opened = await cohorts.find_of_projects(tx, project_ids)

    taken = await cohorts.find_classes(tx, [each.front for each in projects.values()])
    recruiting: list[PathwayProject] = []

    def open_one(item: OpenCohort) -> Cohort:
        project = projects.get(item.project_id)
        if project is None:
            raise ResourceNotFound(name=name_of("pathwayProjects", item.project_id))
        own = opened.get(project.id)
        others = taken[project.front, item.intake_date.year]
        cohort = Cohort.open(
            party=caller.organisation,
            new_id=new_id(),
            project=project,
            intake_date=item.intake_date,
            class_names=item.class_names,
            taken={name: each for name, each in others.items() if each != own},
        )
        if own is not None:
            raise CohortAlreadyOpened(name=name_of("cohorts", own))
        opened[project.id] = cohort.id
        others.update(dict.fromkeys(cohort.class_names, cohort.id))
        if project.open_recruitment():
            recruiting.append(project)
        return cohort

    results = each(items, open_one)
    await cohorts.add_many(tx, done(results))
    await pathway_projects.save_many(tx, recruiting)
    return results
