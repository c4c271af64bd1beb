"""Rejects status changes, each for the organisation whose turn it is."""

from collections.abc import Sequence
from datetime import date

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.store import status_changes


async def reject_status_changes(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller, today: date
) -> list[StatusChange | DomainError]:
    """Reject those that no rule refuses."""
    loaded = await status_changes.get_many(tx, [item.id for item in items])

    def reject(item: Target) -> StatusChange:
        found = visible_to_chain(loaded, item, caller, collection="statusChanges")
        found.reject(party=caller.organisation, on=today)
        return found

    results = each(items, reject)
    await status_changes.save_many(tx, done(results))
    return results
