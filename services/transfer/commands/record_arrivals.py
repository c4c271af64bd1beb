"""Records arrivals at the back college: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class RecordArrival(Target):
    """Records arrivals at the back college."""

    arrive_date: date


async def record_arrivals(
    tx: db.Transaction, items: Sequence[RecordArrival], *, caller: Caller, now: datetime
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, batch: TransferBatch, item: RecordArrival) -> None:
        application.arrive(
            party=caller.organisation,
            batch=batch,
            arrive_date=item.arrive_date,
            today=civil_date(now),
        )

    return await change_applications(tx, items, rule, caller=caller)
