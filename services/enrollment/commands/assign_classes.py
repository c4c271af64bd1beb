"""Puts members into other classes of their cohort, and their front-stage records with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cohort_member import WHY_IN_CLASS, CohortMember, Why
from services.enrollment.domain.roster_refusals import WhyWrong
from services.enrollment.store import cohort_members, cohorts, status_records


@dataclass(frozen=True, kw_only=True)
class AssignClass(Target):
    """A member, the class to go on in, and why."""

    class_name: str
    why: Why


async def assign_classes(
    tx: db.Transaction, items: Sequence[AssignClass], *, caller: Caller, now: datetime
) -> list[CohortMember | DomainError]:
    """Assign those that no rule refuses, on frozen rosters too: nobody joins.

    Locks are taken in the order cohort, record, member: a class that is renamed meanwhile is
    waited for.
    """
    ids = [item.id for item in items]
    rosters = await cohorts.get_many(tx, await cohort_members.find_cohort_ids(tx, ids))
    records = await status_records.get_front_of_members(tx, ids)
    loaded = await cohort_members.get_many(tx, ids)
    on = civil_date(now)
    placed: dict[UUID, str] = {}

    def assign(item: AssignClass) -> CohortMember:
        member = visible(loaded, item, caller, collection="cohortMembers")
        if item.why not in WHY_IN_CLASS:
            raise WhyWrong(why=item.why, whys=", ".join(WHY_IN_CLASS))
        rosters[member.cohort_id].check_may_assign(
            party=caller.organisation, class_name=item.class_name
        )
        member.assign_class(item.class_name, why=item.why, on=on)
        placed[member.id] = item.class_name
        return member

    results = each(items, assign)
    moved = [records[each] for each in placed if each in records and records[each].is_open]
    for record in moved:
        if record.member_id is not None:
            record.place(placed[record.member_id], on=on)
    await status_records.save_many(tx, moved)
    await cohort_members.save_many(tx, done(results))
    return results
