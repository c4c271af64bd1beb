"""Keeps organisations from everything new."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation


@dataclass(frozen=True, kw_only=True)
class BlockOrganisation(OrganisationTarget):
    """An organisation to block, and why."""

    block_reason: str


async def block_organisations(
    tx: db.Transaction, items: Sequence[BlockOrganisation]
) -> list[Organisation | DomainError]:
    """Block those that are not blocked."""

    def block(organisation: Organisation, item: BlockOrganisation, _: Loaded) -> None:
        organisation.block(reason=item.block_reason)

    return await change(tx, items, block)
