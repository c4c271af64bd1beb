"""Approves status changes, each for the organisation whose turn it is."""

from collections.abc import Sequence
from datetime import date

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.store import status_changes


async def approve_status_changes(
    tx: db.Transaction,
    items: Sequence[Target],
    *,
    caller: Caller,
    today: date,
    policies: PolicyTable,
) -> list[StatusChange | DomainError]:
    """Approve those that no rule refuses."""
    loaded = await status_changes.get_many(tx, [item.id for item in items])

    def approve(item: Target) -> StatusChange:
        found = visible_to_chain(loaded, item, caller, collection="statusChanges")
        days = policies.number("status.withdrawal_notice_days_min", on=today)
        found.approve(party=caller.organisation, on=today, notice_days_min=days)
        return found

    results = each(items, approve)
    await status_changes.save_many(tx, done(results))
    return results
