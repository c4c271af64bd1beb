"""Ends agreements whose notice period is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.store import cooperation_agreements


@dataclass(frozen=True, kw_only=True)
class EndCooperationAgreement(Target):
    """An agreement to end."""


async def end_cooperation_agreements(
    tx: db.Transaction,
    items: Sequence[EndCooperationAgreement],
    *,
    caller: Caller,
    now: datetime,
) -> list[CooperationAgreement | DomainError]:
    """End those that no rule refuses."""
    loaded = await cooperation_agreements.get_many(tx, [item.id for item in items])

    def change(item: EndCooperationAgreement) -> CooperationAgreement:
        agreement = visible(loaded, item, caller, collection="cooperationAgreements")
        agreement.end(party=caller.organisation, now=now, today=civil_date(now))
        return agreement

    results = each(items, change)
    await cooperation_agreements.save_many(tx, done(results))
    return results
