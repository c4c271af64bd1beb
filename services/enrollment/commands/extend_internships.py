"""Moves the last day of running internships, as it was filed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.interning import check_enterprise, load_internship
from services.enrollment.commands.opening import in_turn
from services.enrollment.domain.internship import Internship
from services.enrollment.domain.policies import Place, PolicyTable
from services.enrollment.store import internship_points, internships, schools

_PROVINCE_DIGITS = 2


@dataclass(frozen=True, kw_only=True)
class ExtendInternship(Target):
    """An extension, with the number under which it was filed."""

    end_date: date
    filing_number: str


async def extend_internships(
    tx: db.Transaction,
    items: Sequence[ExtendInternship],
    *,
    caller: Caller,
    policies: PolicyTable,
    now: datetime,
) -> list[Internship | DomainError]:
    """Extend those that no rule refuses."""
    rule = partial(_extend, tx, caller=caller, policies=policies, today=civil_date(now))
    return await in_turn(items, rule)


async def _extend(
    tx: db.Transaction,
    item: ExtendInternship,
    *,
    caller: Caller,
    policies: PolicyTable,
    today: date,
) -> Internship:
    internship, intern = await load_internship(tx, item, caller)
    school = (await schools.get_schools(tx, [internship.organisation]))[internship.organisation]
    internship.extend(
        party=caller.organisation,
        end_date=item.end_date,
        filing_number=item.filing_number,
        policies=policies,
        place=Place(school.region_code[:_PROVINCE_DIGITS]),
        others=await intern.internships(tx),
        today=today,
    )
    point = (await internship_points.share_many(tx, [internship.point_id]))[internship.point_id]
    point.check_open(internship.start_date, internship.end_date)
    await check_enterprise(tx, internship)
    await internships.save_many(tx, [internship])
    return internship
