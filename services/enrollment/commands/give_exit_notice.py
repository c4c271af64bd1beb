"""Gives notice that the caller's side leaves an agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import cooperation_agreements


@dataclass(frozen=True, kw_only=True)
class GiveExitNotice(Target):
    """A notice of exit, and why."""

    exit_reason: str


async def give_exit_notice(
    tx: db.Transaction,
    items: Sequence[GiveExitNotice],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[CooperationAgreement | DomainError]:
    """Give those notices that no rule refuses."""
    loaded = await cooperation_agreements.get_many(tx, [item.id for item in items])
    today = civil_date(now)
    notice_days = policies.number("agreements.exit_notice_days", on=today)

    def change(item: GiveExitNotice) -> CooperationAgreement:
        agreement = visible(loaded, item, caller, collection="cooperationAgreements")
        agreement.give_exit_notice(
            party=caller.organisation,
            exit_reason=item.exit_reason,
            now=now,
            today=today,
            notice_days=notice_days,
        )
        return agreement

    results = each(items, change)
    await cooperation_agreements.save_many(tx, done(results))
    return results
