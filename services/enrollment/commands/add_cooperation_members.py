"""Takes organisations into consortia."""

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
from services.enrollment.domain.cooperation_parts import Entrant


@dataclass(frozen=True, kw_only=True)
class AddCooperationMember(Target):
    """An organisation to take in."""

    entrant: Entrant


async def add_cooperation_members(
    tx: db.Transaction, items: Sequence[AddCooperationMember], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)
    others = [item.entrant.organisation for item in items]

    def change(found: Cooperation, item: AddCooperationMember, known: Organisations) -> None:
        entrant = item.entrant
        organisation = known.get(entrant.organisation)
        found.add_member(entrant, organisation=organisation, party=party, today=today)

    return await change_cooperations(tx, items, change, caller=caller, others=others)
