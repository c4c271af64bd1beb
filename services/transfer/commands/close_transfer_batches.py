"""Closes batches."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.application_states import State
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import applications

_UNDECIDED = (State.ADMITTED, State.ARRIVED)


@dataclass(frozen=True, kw_only=True)
class CloseTransferBatch(Target):
    """Closes batches."""


async def close_transfer_batches(
    tx: db.Transaction, items: Sequence[CloseTransferBatch], *, caller: Caller
) -> list[TransferBatch | DomainError]:
    """Take the step for the batches that no rule refuses; return each or its refusal."""

    async def rule(batch: TransferBatch, _item: CloseTransferBatch) -> None:
        undecided = await applications.count_by_state(tx, batch.id, _UNDECIDED)
        batch.close(party=caller.organisation, undecided=undecided)

    return await change_batches(tx, items, rule, caller=caller)
