"""Puts cooperations out of force for a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.cooperating import change_cooperations
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import Organisations


@dataclass(frozen=True, kw_only=True)
class SuspendCooperation(Target):
    """A cooperation to suspend."""

    reason: str


async def suspend_cooperations(
    tx: db.Transaction, items: Sequence[SuspendCooperation], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)

    def change(found: Cooperation, item: SuspendCooperation, _: Organisations) -> None:
        found.suspend(party=party, reason=item.reason, today=today)

    return await change_cooperations(tx, items, change, caller=caller)
