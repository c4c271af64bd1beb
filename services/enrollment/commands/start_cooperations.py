"""Puts cooperations in force that were signed."""

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
from services.enrollment.domain.policies import PolicyTable


@dataclass(frozen=True, kw_only=True)
class StartCooperation(Target):
    """A cooperation to put in force."""


async def start_cooperations(
    tx: db.Transaction,
    items: Sequence[StartCooperation],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)
    obligatory = policies.texts("cooperations.agreement_kinds", on=today)

    def change(found: Cooperation, _: StartCooperation, known: Organisations) -> None:
        found.start(party=party, organisations=known, obligatory=obligatory, today=today)

    return await change_cooperations(tx, items, change, caller=caller)
