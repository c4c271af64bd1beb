"""Records the approval of declared projects."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import pathway_projects
from services.enrollment.store.intakes import get_intakes


@dataclass(frozen=True, kw_only=True)
class ApprovePathwayProject(Target):
    """A project to approve, with the number of the approving document."""

    approval_document_number: str


async def approve_pathway_projects(
    tx: db.Transaction, items: Sequence[ApprovePathwayProject], *, policies: PolicyTable
) -> list[PathwayProject | DomainError]:
    """Approve those that wait for it; projects are public, and approving takes the permission."""
    loaded = await pathway_projects.get_many_locked(tx, [item.id for item in items])

    intakes = await get_intakes(
        tx,
        policies,
        years=[project.approval_year for project in loaded.values()],
        backs=[project.back for project in loaded.values()],
    )

    def approve(item: ApprovePathwayProject) -> PathwayProject:
        project = loaded.get(item.id)
        if project is None:
            raise ResourceNotFound(name=name_of("pathwayProjects", item.id))
        check_etag(item.etag, project.version)
        project.approve(approval_document_number=item.approval_document_number)
        intakes.warn(project)
        return project

    results = each(items, approve)
    await pathway_projects.save_many(tx, done(results))
    return results
