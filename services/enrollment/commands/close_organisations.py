"""Ends organisations that nobody takes over, or of which somebody keeps the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation


@dataclass(frozen=True, kw_only=True)
class CloseOrganisation(OrganisationTarget):
    """An organisation to end, and who keeps its records; "" for nobody."""

    keeper: str
    effective_date: date


async def close_organisations(
    tx: db.Transaction, items: Sequence[CloseOrganisation]
) -> list[Organisation | DomainError]:
    """Close those that no rule refuses."""

    def rule(organisation: Organisation, item: CloseOrganisation, loaded: Loaded) -> None:
        keeper = loaded.get(item.keeper) if item.keeper else None
        organisation.check_does_not_take_over(
            loaded.predecessors[organisation.id], until=item.effective_date
        )
        organisation.close(keeper, effective_date=item.effective_date)

    others = [item.keeper for item in items if item.keeper]
    return await change(tx, items, rule, others=others, ends=True)
