"""Ends organisations that others take over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation


@dataclass(frozen=True, kw_only=True)
class MergeOrganisation(OrganisationTarget):
    """An organisation to end, who takes it over, and the first day on which they do."""

    successor: str
    effective_date: date


async def merge_organisations(
    tx: db.Transaction, items: Sequence[MergeOrganisation]
) -> list[Organisation | DomainError]:
    """Merge those that no rule refuses; both sides are locked, so that none ends meanwhile."""

    def rule(organisation: Organisation, item: MergeOrganisation, loaded: Loaded) -> None:
        successor = loaded.get(item.successor)
        organisation.check_does_not_take_over(
            loaded.predecessors[organisation.id], until=item.effective_date
        )
        organisation.merge(successor, effective_date=item.effective_date)

    others = [item.successor for item in items]
    return await change(tx, items, rule, others=others, ends=True)
