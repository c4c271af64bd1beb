"""Records approvals of the exam authority."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class RecordAuthorityApproval(Target):
    """Records approvals of the exam authority."""

    approval_number: str


async def record_authority_approvals(
    tx: db.Transaction, items: Sequence[RecordAuthorityApproval], *, caller: Caller
) -> list[TransferBatch | DomainError]:
    """Take the step for the batches that no rule refuses; return each or its refusal."""

    async def rule(batch: TransferBatch, item: RecordAuthorityApproval) -> None:
        batch.record_approval(party=caller.organisation, approval_number=item.approval_number)

    return await change_batches(tx, items, rule, caller=caller)
