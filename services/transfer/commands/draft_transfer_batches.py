"""Drafts the batches of projects with their schemes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, NotYetKnown
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.transfer.domain.refusals import TransferBatchAlreadyDrafted
from services.transfer.domain.scheme import Scheme
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import copies, transfer_batches


@dataclass(frozen=True, kw_only=True)
class DraftTransferBatch:
    """Drafts the batches of projects with their schemes."""

    project_id: UUID
    quota: int
    scheme: Scheme


async def draft_transfer_batches(
    tx: db.Transaction, items: Sequence[DraftTransferBatch], *, caller: Caller
) -> list[TransferBatch | DomainError]:
    """Draft for the projects that no rule refuses; a project has one batch."""
    taken = await transfer_batches.find_projects_with_batch(tx, [item.project_id for item in items])
    results: list[TransferBatch | DomainError] = []
    for item in items:
        try:
            results.append(await _draft(tx, item, taken, caller))
        except DomainError as refusal:
            results.append(refusal)
    await transfer_batches.add_many(
        tx, [each for each in results if isinstance(each, TransferBatch)]
    )
    return results


async def _draft(
    tx: db.Transaction, item: DraftTransferBatch, taken: set[UUID], caller: Caller
) -> TransferBatch:
    project = await copies.find_project(tx, item.project_id)
    if project is None:
        raise NotYetKnown(name=name_of("pathwayProjects", item.project_id))
    batch = TransferBatch.draft(
        new_id=new_id(),
        project=project,
        quota=item.quota,
        scheme=item.scheme,
        party=caller.organisation,
    )
    if item.project_id in taken:
        raise TransferBatchAlreadyDrafted
    taken.add(item.project_id)
    return batch
