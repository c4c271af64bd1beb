"""Ends internship points of the caller's school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.store import internship_points


@dataclass(frozen=True, kw_only=True)
class EndInternshipPoint(Target):
    """A point to end, and its last day."""

    valid_to_date: date


async def end_internship_points(
    tx: db.Transaction, items: Sequence[EndInternshipPoint], *, caller: Caller
) -> list[InternshipPoint | DomainError]:
    """End those that no rule refuses; only the school that declared a point does."""
    loaded = await internship_points.get_many(tx, [item.id for item in items])

    def end(item: EndInternshipPoint) -> InternshipPoint:
        point = loaded.get(item.id)
        if point is None or point.organisation != caller.organisation:
            raise ResourceNotFound(name=name_of("internshipPoints", item.id))
        check_etag(item.etag, point.version)
        point.end(valid_to_date=item.valid_to_date)
        return point

    results = each(items, end)
    await internship_points.save_many(tx, done(results))
    return results
