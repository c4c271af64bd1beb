"""Rejects applications, by the school at which they wait: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class RejectApplication(Target):
    """Rejects applications, by the school at which they wait."""

    sealed_decision_reason: bytes = field(repr=False)


async def reject_applications(
    tx: db.Transaction, items: Sequence[RejectApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, _batch: TransferBatch, item: RejectApplication) -> None:
        application.reject(party=caller.organisation, sealed_reason=item.sealed_decision_reason)

    return await change_applications(tx, items, rule, caller=caller)
