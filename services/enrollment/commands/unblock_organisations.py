"""Lifts the blocks of organisations."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation


@dataclass(frozen=True, kw_only=True)
class UnblockOrganisation(OrganisationTarget):
    """An organisation to unblock."""


async def unblock_organisations(
    tx: db.Transaction, items: Sequence[UnblockOrganisation]
) -> list[Organisation | DomainError]:
    """Unblock those that are blocked."""

    def unblock(organisation: Organisation, _item: UnblockOrganisation, _: Loaded) -> None:
        organisation.unblock()

    return await change(tx, items, unblock)
