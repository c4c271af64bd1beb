"""Declares internship points of the caller's school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.opening import in_turn
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.domain.internship_refusals import InternshipPointAlreadyDeclared
from services.enrollment.domain.regions import Regions, check_region
from services.enrollment.store import internship_points, organisations


@dataclass(frozen=True, kw_only=True)
class DeclareInternshipPoint:
    """A point to declare."""

    enterprise: str
    post: str
    major_codes: list[str]
    match_reason: str
    region_code: str
    valid_from_date: date


async def declare_internship_points(
    tx: db.Transaction, items: Sequence[DeclareInternshipPoint], *, caller: Caller, regions: Regions
) -> list[InternshipPoint | DomainError]:
    """Declare those that no rule refuses."""
    return await in_turn(items, partial(_declare, tx, caller=caller, regions=regions))


async def _declare(
    tx: db.Transaction, item: DeclareInternshipPoint, *, caller: Caller, regions: Regions
) -> InternshipPoint:
    check_region(regions, item.region_code, on=item.valid_from_date)
    employer = (await organisations.find_many(tx, [item.enterprise])).get(item.enterprise)
    if employer is None:
        raise ResourceNotFound(name=name_of("organisations", item.enterprise))
    point = InternshipPoint.declare(
        employer,
        new_id=new_id(),
        party=caller.organisation,
        post=item.post,
        major_codes=item.major_codes,
        match_reason=item.match_reason,
        region_code=item.region_code,
        valid_from_date=item.valid_from_date,
    )
    earlier = await internship_points.find_open(
        tx, organisation=point.organisation, enterprise=point.enterprise, post=point.post
    )
    if earlier is not None:
        raise InternshipPointAlreadyDeclared(name=name_of("internshipPoints", earlier))
    await internship_points.add_many(tx, [point])
    return point
