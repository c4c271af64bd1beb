"""Takes members out of their pathway, for good."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.commands.deciding import decide_again
from services.enrollment.domain.cohort_member import CohortMember, Why
from services.enrollment.store import cohort_members


@dataclass(frozen=True, kw_only=True)
class RemoveCohortMember(Target):
    """A member to remove, and why."""

    sealed_left_reason: bytes = field(repr=False)
    why: Why = Why.LEFT_OTHERWISE


async def remove_cohort_members(
    tx: db.Transaction, items: Sequence[RemoveCohortMember], *, caller: Caller, now: datetime
) -> list[CohortMember | DomainError]:
    """Remove those that no rule refuses.

    The status record stays: by ordinary rules a student may go on in another class or school
    (GD19). An arrival of theirs that waits is told that they are no member any more.
    """
    loaded = await cohort_members.get_many(tx, [item.id for item in items])

    def remove(item: RemoveCohortMember) -> CohortMember:
        member = visible(loaded, item, caller, collection="cohortMembers")
        member.remove(
            party=caller.organisation,
            sealed_left_reason=item.sealed_left_reason,
            why=item.why,
            on=civil_date(now),
            now=now,
        )
        return member

    results = each(items, remove)
    removed = done(results)
    await cohort_members.save_many(tx, removed)
    await decide_again(tx, removed, front_records={})
    return results
