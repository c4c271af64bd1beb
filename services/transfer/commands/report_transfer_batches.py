"""Reports lists to the exam authority."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import objections


@dataclass(frozen=True, kw_only=True)
class ReportTransferBatch(Target):
    """Reports lists to the exam authority."""


async def report_transfer_batches(
    tx: db.Transaction, items: Sequence[ReportTransferBatch], *, caller: Caller, now: datetime
) -> list[TransferBatch | DomainError]:
    """Take the step for the batches that no rule refuses; return each or its refusal."""

    async def rule(batch: TransferBatch, _item: ReportTransferBatch) -> None:
        open_objections = await objections.count_open(tx, batch.id)
        batch.report(
            party=caller.organisation, today=civil_date(now), open_objections=open_objections
        )

    return await change_batches(tx, items, rule, caller=caller)
