"""Drafts applications of cohort members: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, NotYetKnown, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.transfer.domain.application import Application, Member
from services.transfer.domain.refusals import ApplicationAlreadyExists
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import applications, copies, transfer_batches


@dataclass(frozen=True, kw_only=True)
class DraftApplication:
    """Drafts applications of cohort members."""

    batch_id: UUID
    member_id: UUID


async def draft_applications(
    tx: db.Transaction, items: Sequence[DraftApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Draft for the members whom no rule refuses.

    A member whose enrolment has not arrived here yet is NOT_YET_KNOWN, never refused; one of
    other schools is answered alike, so that nobody learns of whom there are records.
    """
    batches = await transfer_batches.get_many_shared(tx, [item.batch_id for item in items])
    members = await copies.find_members(tx, [item.member_id for item in items])
    taken = await applications.find_applied(tx, batch_ids=list(batches), member_ids=list(members))
    results: list[Application | DomainError] = []
    for item in items:
        try:
            batch = _visible(batches, item, caller)
            application = _draft(batch, members.get(item.member_id), item, taken, caller)
        except DomainError as refusal:
            results.append(refusal)
        else:
            results.append(application)
            taken.add((item.batch_id, item.member_id))
    await applications.add_many(tx, [each for each in results if isinstance(each, Application)])
    return results


def _visible(
    batches: dict[UUID, TransferBatch], item: DraftApplication, caller: Caller
) -> TransferBatch:
    batch = batches.get(item.batch_id)
    if batch is None or caller.organisation not in {batch.front, batch.back}:
        raise ResourceNotFound(name=name_of("transferBatches", item.batch_id))
    return batch


def _draft(
    batch: TransferBatch,
    member: Member | None,
    item: DraftApplication,
    taken: set[tuple[UUID, UUID]],
    caller: Caller,
) -> Application:
    if member is None or not member.is_seen_by(caller.organisation):
        raise NotYetKnown(name=name_of("cohortMembers", item.member_id))
    if (item.batch_id, item.member_id) in taken:
        raise ApplicationAlreadyExists
    return Application.draft(new_id=new_id(), batch=batch, member=member, party=caller.organisation)
