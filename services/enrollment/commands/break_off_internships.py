"""Ends internships before their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.interning import load_internship
from services.enrollment.commands.opening import in_turn
from services.enrollment.domain.internship import Internship
from services.enrollment.store import internships


@dataclass(frozen=True, kw_only=True)
class BreakOffInternship(Target):
    """An internship to break off, the last day at work, and why."""

    break_off_date: date | None
    reason: str


async def break_off_internships(
    tx: db.Transaction, items: Sequence[BreakOffInternship], *, caller: Caller, now: datetime
) -> list[Internship | DomainError]:
    """Break off those that no rule refuses."""
    return await in_turn(items, partial(_break_off, tx, caller=caller, today=civil_date(now)))


async def _break_off(
    tx: db.Transaction, item: BreakOffInternship, *, caller: Caller, today: date
) -> Internship:
    internship, _ = await load_internship(tx, item, caller)
    internship.break_off(
        party=caller.organisation,
        break_off_date=item.break_off_date,
        reason=item.reason,
        today=today,
    )
    await internships.save_many(tx, [internship])
    return internship
