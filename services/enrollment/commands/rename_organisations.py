"""Gives organisations other registered names from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation


@dataclass(frozen=True, kw_only=True)
class RenameOrganisation(OrganisationTarget):
    """An organisation to rename."""

    display_name: str
    english_name: str
    effective_date: date


async def rename_organisations(
    tx: db.Transaction, items: Sequence[RenameOrganisation], *, now: datetime
) -> list[Organisation | DomainError]:
    """Rename those that no rule refuses."""

    def rename(organisation: Organisation, item: RenameOrganisation, _: Loaded) -> None:
        organisation.rename(
            display_name=item.display_name,
            english_name=item.english_name,
            effective_date=item.effective_date,
            today=civil_date(now),
        )

    return await change(tx, items, rename)
