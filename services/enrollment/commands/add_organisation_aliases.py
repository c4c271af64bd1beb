"""Keeps other names that people use for organisations, so that they are found by them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation
from services.enrollment.domain.organisation_parts import DatedName


@dataclass(frozen=True, kw_only=True)
class AddOrganisationAlias(OrganisationTarget):
    """Another name of an organisation."""

    alias: DatedName


async def add_organisation_aliases(
    tx: db.Transaction, items: Sequence[AddOrganisationAlias]
) -> list[Organisation | DomainError]:
    """Keep the names."""

    def add(organisation: Organisation, item: AddOrganisationAlias, _: Loaded) -> None:
        organisation.add_alias(item.alias)

    return await change(tx, items, add)
