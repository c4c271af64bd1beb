"""Cancels after a failed re-check: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch


@dataclass(frozen=True, kw_only=True)
class CancelApplication(Target):
    """Cancels after a failed re-check."""

    sealed_decision_reason: bytes = field(repr=False)


async def cancel_applications(
    tx: db.Transaction,
    items: Sequence[CancelApplication],
    *,
    caller: Caller,
    now: datetime,
    policy: Policy,
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, _batch: TransferBatch, item: CancelApplication) -> PlaceMove:
        return application.cancel(
            party=caller.organisation,
            sealed_reason=item.sealed_decision_reason,
            today=civil_date(now),
            policy=policy,
        )

    return await change_applications(tx, items, rule, caller=caller, moves_places=True)
