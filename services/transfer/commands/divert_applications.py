"""Records the routes of those who do not transfer: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import Diversion
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class DivertApplication(Target):
    """Records the routes of those who do not transfer."""

    diversion: Diversion


async def divert_applications(
    tx: db.Transaction, items: Sequence[DivertApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, _batch: TransferBatch, item: DivertApplication) -> None:
        application.divert(party=caller.organisation, diversion=item.diversion)

    return await change_applications(tx, items, rule, caller=caller)
