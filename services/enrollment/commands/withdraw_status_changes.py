"""Withdraws status changes that are not in effect."""

from collections.abc import Sequence

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.store import status_changes


async def withdraw_status_changes(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller
) -> list[StatusChange | DomainError]:
    """Withdraw those that no rule refuses."""
    loaded = await status_changes.get_many(tx, [item.id for item in items])

    def withdraw(item: Target) -> StatusChange:
        found = visible_to_chain(loaded, item, caller, collection="statusChanges")
        found.withdraw(party=caller.organisation)
        return found

    results = each(items, withdraw)
    await status_changes.save_many(tx, done(results))
    return results
