"""Signs schemes for the side of the caller."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class SignTransferScheme(Target):
    """Signs schemes for the side of the caller."""


async def sign_transfer_schemes(
    tx: db.Transaction, items: Sequence[SignTransferScheme], *, caller: Caller
) -> list[TransferBatch | DomainError]:
    """Take the step for the batches that no rule refuses; return each or its refusal."""

    async def rule(batch: TransferBatch, _item: SignTransferScheme) -> None:
        batch.sign(party=caller.organisation)

    return await change_batches(tx, items, rule, caller=caller)
