"""Records what a party has in a resource library, and how much it uses it."""

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
from services.enrollment.domain.cooperation_parts import Contribution


@dataclass(frozen=True, kw_only=True)
class CountLibraryItems(Target):
    """What was counted."""

    item_count: int
    use_count: int


async def count_library_items(
    tx: db.Transaction, items: Sequence[CountLibraryItems], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)

    def change(found: Cooperation, item: CountLibraryItems, _: Organisations) -> None:
        found.count_items(
            Contribution(
                organisation=party,
                item_count=item.item_count,
                use_count=item.use_count,
                count_date=today,
            )
        )

    return await change_cooperations(tx, items, change, caller=caller)
