"""Records to whom organisations report."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import (
    Loaded,
    OrganisationTarget,
    change,
    check_surroundings,
)
from services.enrollment.domain.organisation import Organisation
from services.enrollment.store import organisations


@dataclass(frozen=True, kw_only=True)
class ReassignOrganisation(OrganisationTarget):
    """An organisation, and all that it reports to from now on."""

    reports_to: list[str]


async def reassign_organisations(
    tx: db.Transaction, items: Sequence[ReassignOrganisation]
) -> list[Organisation | DomainError]:
    """Reassign those whose superiors are registered."""
    kinds = await organisations.find_kinds(tx, [each for item in items for each in item.reports_to])

    def reassign(organisation: Organisation, item: ReassignOrganisation, _: Loaded) -> None:
        check_surroundings(kinds, reports_to=item.reports_to)
        organisation.reassign(item.reports_to)

    return await change(tx, items, reassign)
