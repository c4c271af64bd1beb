"""Records other regions and zones of organisations from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import (
    Loaded,
    OrganisationTarget,
    change,
    check_surroundings,
)
from services.enrollment.domain.organisation import Organisation
from services.enrollment.domain.regions import Regions
from services.enrollment.store import organisations


@dataclass(frozen=True, kw_only=True)
class RelocateOrganisation(OrganisationTarget):
    """An organisation that belongs elsewhere."""

    region_code: str
    zone: str
    effective_date: date


async def relocate_organisations(
    tx: db.Transaction, items: Sequence[RelocateOrganisation], *, regions: Regions, now: datetime
) -> list[Organisation | DomainError]:
    """Relocate those that no rule refuses."""
    kinds = await organisations.find_kinds(tx, [item.zone for item in items if item.zone])

    def relocate(organisation: Organisation, item: RelocateOrganisation, _: Loaded) -> None:
        check_surroundings(kinds, zone=item.zone)
        organisation.relocate(
            regions,
            region_code=item.region_code,
            zone=item.zone,
            effective_date=item.effective_date,
            today=civil_date(now),
        )

    return await change(tx, items, relocate)
