"""Gives classes of cohorts other names; members and records follow from the day of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import Why
from services.enrollment.store import cohort_members, cohorts, status_records


@dataclass(frozen=True, kw_only=True)
class RenameClass(Target):
    """A cohort, a class of it, and the new name."""

    class_name: str
    new_class_name: str


async def rename_classes(
    tx: db.Transaction, items: Sequence[RenameClass], *, caller: Caller, now: datetime
) -> list[Cohort | DomainError]:
    """Rename those that no rule refuses: a name is one cohort's of a school and year (JS21).

    Locks are taken in the order cohort, record, member. Who has left or graduated keeps the name
    that the class had.
    """
    loaded = await cohorts.get_many(tx, [item.id for item in items])
    taken = await cohorts.find_classes(tx, [each.front for each in loaded.values()])

    def rename(item: RenameClass) -> Cohort:
        cohort = visible(loaded, item, caller, collection="cohorts")
        cohort.rename_class(
            party=caller.organisation,
            class_name=item.class_name,
            new_class_name=item.new_class_name,
            taken=taken[cohort.front, cohort.intake_date.year],
        )
        return cohort

    results = each(items, rename)
    await cohorts.save_many(tx, done(results))
    for item, result in zip(items, results, strict=True):
        if isinstance(result, Cohort):
            await _follow(tx, item, on=civil_date(now))
    return results


async def _follow(tx: db.Transaction, item: RenameClass, *, on: date) -> None:
    """Rename the class of its members and of their open records."""
    found = await cohort_members.list_of_class(tx, item.id, item.class_name)
    ids = [member.id for member in found]
    records = await status_records.get_front_of_members(tx, ids)
    members = await cohort_members.get_many(tx, ids)
    staying = [each for each in members.values() if each.is_in_pathway]
    # Who came or went while the locks were waited for: read again.
    if [(each.id, each.class_name) for each in staying] != [
        (each.id, each.class_name) for each in found
    ]:
        raise db.VersionConflict
    for member in staying:
        member.assign_class(item.new_class_name, why=Why.CLASS_RENAMED, on=on)
    placed = [each for each in records.values() if each.is_open]
    for record in placed:
        record.place(item.new_class_name, on=on)
    await status_records.save_many(tx, placed)
    await cohort_members.save_many(tx, staying)
