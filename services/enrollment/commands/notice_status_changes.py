"""Records public notices to students who cannot be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.store import status_changes


@dataclass(frozen=True, kw_only=True)
class NoticeStatusChange(Target):
    """A notice, from a day to a day."""

    notice_from_date: date
    notice_to_date: date


async def notice_status_changes(
    tx: db.Transaction,
    items: Sequence[NoticeStatusChange],
    *,
    caller: Caller,
    today: date,
    policies: PolicyTable,
) -> list[StatusChange | DomainError]:
    """Notice those that no rule refuses."""
    loaded = await status_changes.get_many(tx, [item.id for item in items])

    def notice(item: NoticeStatusChange) -> StatusChange:
        found = visible_to_chain(loaded, item, caller, collection="statusChanges")
        found.notice(
            party=caller.organisation,
            from_date=item.notice_from_date,
            to_date=item.notice_to_date,
            days_min=policies.number("status.withdrawal_notice_days_min", on=today),
        )
        return found

    results = each(items, notice)
    await status_changes.save_many(tx, done(results))
    return results
