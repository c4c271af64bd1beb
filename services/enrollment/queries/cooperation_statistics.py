"""Counts what S4 counts: schools, majors, pupils, firms, internship points and who is at them.

Every number is one of a single snapshot. It names nobody.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Text, and_, any_, bindparam, func, or_, select, union, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.domain.student_status import ON_BOOKS
from services.enrollment.queries.schools_asked import Question, is_asked_for
from services.enrollment.store.internship_tables import internship, internship_point
from services.enrollment.store.status_tables import status_period
from services.enrollment.store.tables import status_record

_FROM = bindparam("from_date", type_=Date)
_TO = bindparam("to_date", type_=Date)
_STATUSES = any_(bindparam("statuses", type_=ARRAY(Text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The numbers; each is explained in the contract."""

    schools: int
    majors: int
    pupils: int
    firms: int
    points: int
    matched_points: int
    interns: int


def _pupils() -> Any:
    """Who is on the books on the last day: by the present status, or by a past one of that day."""
    present = select(
        status_record.c.person_id, status_record.c.organisation, status_record.c.major_code
    ).where(
        status_record.c.valid_to_date.is_(None),
        status_record.c.status_from_date <= _TO,
        status_record.c.status == _STATUSES,
        is_asked_for(status_record.c.organisation),
    )
    past = (
        select(status_record.c.person_id, status_period.c.organisation, status_period.c.major_code)
        .join(status_record, status_record.c.id == status_period.c.record_id)
        .where(
            status_period.c.valid_from_date <= _TO,
            status_period.c.valid_to_date >= _TO,
            status_period.c.status == _STATUSES,
            is_asked_for(status_period.c.organisation),
        )
    )
    return union_all(present, past).cte("pupil")


def _points() -> Any:
    last = internship_point.c.valid_to_date
    return (
        select(
            internship_point.c.organisation,
            internship_point.c.enterprise,
            (func.jsonb_array_length(internship_point.c.major_codes) > 0).label("is_matched"),
        )
        .where(
            internship_point.c.valid_from_date <= _TO,
            or_(last.is_(None), last >= _FROM),
            is_asked_for(internship_point.c.organisation),
        )
        .cte("point")
    )


def _interns() -> Any:
    """Who was at work: the person is that of the record, which follows merges."""
    last = func.coalesce(internship.c.break_off_date, internship.c.end_date)
    return (
        select(status_record.c.person_id, internship.c.organisation, internship.c.enterprise)
        .join(status_record, status_record.c.id == internship.c.status_record_id)
        .where(
            and_(internship.c.run_date <= _TO, internship.c.start_date <= _TO, last >= _FROM),
            is_asked_for(internship.c.organisation),
        )
        .cte("intern")
    )


def _figures() -> db.Statement:
    pupils, points, interns = _pupils(), _points(), _interns()
    schools = union(*(select(each.c.organisation) for each in (pupils, points, interns)))
    firms = union(*(select(each.c.enterprise) for each in (points, interns)))
    counts = {
        "schools": select(func.count()).select_from(schools.subquery()),
        "majors": select(func.count(pupils.c.major_code.distinct())),
        "pupils": select(func.count(pupils.c.person_id.distinct())),
        "firms": select(func.count()).select_from(firms.subquery()),
        "points": select(func.count()).select_from(points),
        "matched_points": select(func.count()).select_from(points).where(points.c.is_matched),
        "interns": select(func.count(interns.c.person_id.distinct())),
    }
    return db.compile(
        select(*(count.scalar_subquery().label(name) for name, count in counts.items()))
    )


_FIGURES = _figures()


async def count_cooperation(reader: db.Reader, question: Question) -> Figures:
    """Return the figures of the schools and days that are asked about."""
    statuses = [each.value for each in ON_BOOKS]
    row = await reader.fetch_one(_FIGURES, **question.parameters(), statuses=statuses)
    return Figures(**(row or {}))
