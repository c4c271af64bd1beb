"""Opens the arrival of admitted applicants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.application_states import State
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import applications

_UNDECIDED = (State.PROPOSED, State.OBJECTED)


@dataclass(frozen=True, kw_only=True)
class OpenArrival(Target):
    """Opens the arrival of admitted applicants."""

    begin: date
    deadline: date


async def open_arrivals(
    tx: db.Transaction, items: Sequence[OpenArrival], *, caller: Caller, now: datetime
) -> list[TransferBatch | DomainError]:
    """Take the step for the batches that no rule refuses; return each or its refusal."""

    async def rule(batch: TransferBatch, item: OpenArrival) -> None:
        undecided = await applications.count_by_state(tx, batch.id, _UNDECIDED)
        batch.open_arrival(
            party=caller.organisation,
            begin=item.begin,
            deadline=item.deadline,
            today=civil_date(now),
            undecided=undecided,
        )

    return await change_batches(tx, items, rule, caller=caller)
