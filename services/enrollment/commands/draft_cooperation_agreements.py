"""Drafts the agreements of projects as their back college."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.answering import answer_by
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.agreement_refusals import CooperationAgreementAlreadyDrafted
from services.enrollment.domain.agreement_terms import Terms
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import cooperation_agreements, pathway_projects


@dataclass(frozen=True, kw_only=True)
class DraftCooperationAgreement:
    """An agreement to draft, with its first terms."""

    project_id: UUID
    terms: Terms


async def draft_cooperation_agreements(
    tx: db.Transaction,
    items: Sequence[DraftCooperationAgreement],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[CooperationAgreement | DomainError]:
    """Draft those that no rule refuses; a project has one agreement that has not ended."""
    project_ids = [item.project_id for item in items]
    projects = await pathway_projects.get_many_locked(tx, project_ids)
    drafted = await cooperation_agreements.find_of_projects(tx, project_ids)
    deadline_date = answer_by(policies, now=now)

    def draft(item: DraftCooperationAgreement) -> CooperationAgreement:
        project = projects.get(item.project_id)
        if project is None:
            raise ResourceNotFound(name=name_of("pathwayProjects", item.project_id))
        agreement = CooperationAgreement.draft(
            new_id=new_id(),
            project=project,
            terms=item.terms,
            party=caller.organisation,
            now=now,
            deadline_date=deadline_date,
        )
        if project.id in drafted:
            raise CooperationAgreementAlreadyDrafted(
                name=name_of("cooperationAgreements", drafted[project.id])
            )
        drafted[project.id] = agreement.id
        return agreement

    results = each(items, draft)
    await cooperation_agreements.add_many(tx, done(results))
    return results
