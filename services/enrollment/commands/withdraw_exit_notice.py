"""Withdraws notices of exit of the caller's side."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.store import cooperation_agreements


@dataclass(frozen=True, kw_only=True)
class WithdrawExitNotice(Target):
    """A notice of exit to withdraw."""


async def withdraw_exit_notice(
    tx: db.Transaction,
    items: Sequence[WithdrawExitNotice],
    *,
    caller: Caller,
) -> list[CooperationAgreement | DomainError]:
    """Withdraw those that no rule refuses."""
    loaded = await cooperation_agreements.get_many(tx, [item.id for item in items])

    def change(item: WithdrawExitNotice) -> CooperationAgreement:
        agreement = visible(loaded, item, caller, collection="cooperationAgreements")
        agreement.withdraw_exit_notice(party=caller.organisation)
        return agreement

    results = each(items, change)
    await cooperation_agreements.save_many(tx, done(results))
    return results
