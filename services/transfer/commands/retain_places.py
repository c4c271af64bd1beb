"""Keeps the places of admitted applicants: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import RetentionKind
from services.transfer.domain.policy import Policy
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class RetainPlace(Target):
    """Keeps the places of admitted applicants."""

    kind: RetentionKind
    until: date


async def retain_places(
    tx: db.Transaction,
    items: Sequence[RetainPlace],
    *,
    caller: Caller,
    now: datetime,
    policy: Policy,
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, batch: TransferBatch, item: RetainPlace) -> None:
        application.retain(
            party=caller.organisation,
            batch=batch,
            kind=item.kind,
            until=item.until,
            today=civil_date(now),
            policy=policy,
        )

    return await change_applications(tx, items, rule, caller=caller)
