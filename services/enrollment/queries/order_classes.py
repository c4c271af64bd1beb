"""Counts who is in classes that are taught for an enterprise, by school, with the classes' names.

S4 counts 27 schools with 6526 such pupils. It names classes and no pupil.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Date, Integer, Text, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.domain.cooperation_parts import Kind
from services.enrollment.queries.schools_asked import Question, is_asked_for
from services.enrollment.store.cooperation_tables import cooperation, cooperation_pupil
from services.enrollment.store.tables import status_record

SCHOOLS_MAX: Final = 1_000
_KINDS: Final = [Kind.ORDER_CLASS.value, Kind.NAMED_CLASS.value]
_ON = bindparam("to_date", type_=Date)
_PUPIL = cooperation_pupil.c
# The person is that of the record, which follows merges.
_PUPILS = (
    select(status_record.c.person_id, _PUPIL.school, cooperation.c.class_name)
    .select_from(cooperation_pupil)
    .join(cooperation, cooperation.c.id == _PUPIL.cooperation_id)
    .join(status_record, status_record.c.id == _PUPIL.status_record_id)
    .where(
        cooperation.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))),
        _PUPIL.join_date <= _ON,
        or_(_PUPIL.leave_date.is_(None), _PUPIL.leave_date > _ON),
        is_asked_for(_PUPIL.school),
    )
    .cte("pupil")
)
_TOTALS = db.compile(
    select(
        func.count(_PUPILS.c.person_id.distinct()).label("pupils"),
        func.count(_PUPILS.c.school.distinct()).label("schools"),
    )
)
_BY_SCHOOL = db.compile(
    select(
        _PUPILS.c.school,
        func.count(_PUPILS.c.person_id.distinct()).label("pupils"),
        func.array_agg(_PUPILS.c.class_name.distinct()).label("class_names"),
    )
    .group_by(_PUPILS.c.school)
    .order_by(_PUPILS.c.school)
    .limit(bindparam("schools_max", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClasses:
    """The totals, and a row for each school."""

    pupils: int
    schools: int
    by_school: Sequence[db.Row]


async def count_order_classes(reader: db.Reader, question: Question) -> OrderClasses:
    """Return who was in such classes on the last day that is asked about."""
    parameters = question.parameters()
    # Not a day of these counts.
    del parameters["from_date"]
    totals = await reader.fetch_one(_TOTALS, **parameters, kinds=_KINDS)
    rows = await reader.fetch(_BY_SCHOOL, **parameters, kinds=_KINDS, schools_max=SCHOOLS_MAX)
    return OrderClasses(**(totals or {}), by_school=rows)
