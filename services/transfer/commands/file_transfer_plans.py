"""Files schemes and quotas."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class FileTransferPlan(Target):
    """Files schemes and quotas."""


async def file_transfer_plans(
    tx: db.Transaction, items: Sequence[FileTransferPlan], *, caller: Caller
) -> list[TransferBatch | DomainError]:
    """Take the step for the batches that no rule refuses; return each or its refusal."""

    async def rule(batch: TransferBatch, _item: FileTransferPlan) -> None:
        batch.file_plan(party=caller.organisation)

    return await change_batches(tx, items, rule, caller=caller)
