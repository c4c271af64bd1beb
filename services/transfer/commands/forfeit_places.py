"""Records places that were given up: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch


@dataclass(frozen=True, kw_only=True)
class ForfeitPlace(Target):
    """Records places that were given up."""


async def forfeit_places(
    tx: db.Transaction, items: Sequence[ForfeitPlace], *, caller: Caller, now: datetime
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, batch: TransferBatch, _item: ForfeitPlace) -> PlaceMove:
        return application.forfeit(party=caller.organisation, batch=batch, today=civil_date(now))

    return await change_applications(tx, items, rule, caller=caller, moves_places=True)
