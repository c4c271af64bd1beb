"""Divides the majors of organisations among others."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.restructuring import Loaded, OrganisationTarget, change
from services.enrollment.domain.organisation import Organisation
from services.enrollment.domain.organisation_parts import Succession


@dataclass(frozen=True, kw_only=True)
class SplitOrganisation(OrganisationTarget):
    """An organisation to split, and who takes what, all on one day."""

    links: list[Succession]
    continues: bool


async def split_organisations(
    tx: db.Transaction, items: Sequence[SplitOrganisation]
) -> list[Organisation | DomainError]:
    """Split those that no rule refuses; all parts are locked, so that none ends meanwhile."""

    def rule(organisation: Organisation, item: SplitOrganisation, loaded: Loaded) -> None:
        parts = [loaded.get(link.organisation) for link in item.links]
        if not item.continues:
            organisation.check_does_not_take_over(
                loaded.predecessors[organisation.id], until=item.links[0].effective_date
            )
        organisation.split(item.links, parts, continues=item.continues)

    others = [link.organisation for item in items for link in item.links]
    return await change(tx, items, rule, others=others, ends=True)
