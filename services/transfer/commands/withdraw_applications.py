"""Withdraws applications at the written wish of the applicants, one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
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
class WithdrawApplication(Target):
    """Withdraws applications at the written wish of the applicants."""

    guardian_consented: bool


async def withdraw_applications(
    tx: db.Transaction,
    items: Sequence[WithdrawApplication],
    *,
    caller: Caller,
    now: datetime,
    policy: Policy,
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(
        application: Application, _batch: TransferBatch, item: WithdrawApplication
    ) -> PlaceMove:
        return application.withdraw(
            party=caller.organisation,
            guardian_consented=item.guardian_consented,
            today=civil_date(now),
            policy=policy,
        )

    return await change_applications(tx, items, rule, caller=caller, moves_places=True)
