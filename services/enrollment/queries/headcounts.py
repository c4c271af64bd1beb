"""Counts the students of an organisation on a day, present or past, by status."""

from datetime import date

from sqlalchemy import Boolean, Date, Text, bindparam, func, not_, or_, select, union_all

from chassis import db
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.store.status_tables import status_period
from services.enrollment.store.tables import status_record

_ON = bindparam("on", type_=Date)
_ORGANISATION = bindparam("organisation", type_=Text)
_LEVEL = bindparam("level", type_=Text)
_REGISTERED = or_(
    not_(bindparam("registered_only", type_=Boolean)), status_record.c.register_date <= _ON
)
_PRESENT = select(status_record.c.status).where(
    status_record.c.organisation == _ORGANISATION,
    status_record.c.valid_to_date.is_(None),
    status_record.c.status_from_date <= _ON,
    or_(_LEVEL == "", status_record.c.level == _LEVEL),
    _REGISTERED,
)
_PAST = (
    select(status_period.c.status)
    .join(status_record, status_record.c.id == status_period.c.record_id)
    .where(
        status_period.c.organisation == _ORGANISATION,
        status_period.c.valid_from_date <= _ON,
        status_period.c.valid_to_date >= _ON,
        or_(_LEVEL == "", status_period.c.level == _LEVEL),
        _REGISTERED,
    )
)
_HELD = union_all(_PRESENT, _PAST).subquery()
_COUNT = db.compile(
    select(_HELD.c.status, func.count().label("count"))
    .group_by(_HELD.c.status)
    .order_by(_HELD.c.status)
)


async def count_by_status(
    reader: db.Reader, organisation: str, *, on: date, level: str, registered_only: bool
) -> dict[StudentStatus, int]:
    """Return how many students held each status on a day; an empty level counts all."""
    rows = await reader.fetch(
        _COUNT, organisation=organisation, on=on, level=level, registered_only=registered_only
    )
    return {StudentStatus(row["status"]): row["count"] for row in rows}
