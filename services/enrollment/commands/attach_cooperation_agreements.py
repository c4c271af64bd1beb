"""Puts agreements under drafts; signatures under others are void."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.cooperating import change_cooperations
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import Organisations
from services.enrollment.domain.cooperation_parts import Agreement


@dataclass(frozen=True, kw_only=True)
class AttachCooperationAgreement(Target):
    """An agreement to attach."""

    agreement: Agreement


async def attach_cooperation_agreements(
    tx: db.Transaction, items: Sequence[AttachCooperationAgreement], *, caller: Caller
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party = caller.organisation

    def change(found: Cooperation, item: AttachCooperationAgreement, _: Organisations) -> None:
        found.attach_agreement(item.agreement, party=party)

    return await change_cooperations(tx, items, change, caller=caller)
