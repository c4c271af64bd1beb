"""Submits drafted applications for the front school: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class SubmitApplication(Target):
    """Submits drafted applications for the front school."""


async def submit_applications(
    tx: db.Transaction, items: Sequence[SubmitApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, batch: TransferBatch, _item: SubmitApplication) -> None:
        application.submit(party=caller.organisation, actor=caller.subject, batch=batch)

    return await change_applications(tx, items, rule, caller=caller)
