"""When a stage may end without a diploma: 结业 (08) and 肄业 (09) of JY/T 1001."""

from datetime import date

from services.enrollment.domain.policies import Place, PolicyTable
from services.enrollment.domain.roster_refusals import (
    AttendanceTooShort,
    CompletionTooEarly,
    ConclusionInFuture,
)
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.domain.terms import add_months


def check_conclusion(
    record: StatusRecord,
    status: StudentStatus,
    *,
    on: date,
    today: date,
    place: Place,
    policies: PolicyTable,
) -> None:
    """Refuse a conclusion that comes too early.

    结业 is for who has done all the years and does not meet the demands of graduation, 肄业 for who
    has done a part of them (5.3: 退学, 毕业, 结业, 肄业; from when on is GK, so it is a policy).
    """
    if on > today:
        raise ConclusionInFuture(conclude_date=on.isoformat())
    if status is StudentStatus.COMPLETED:
        years_short = policies.number("status.completion_years_short_max", on=on, place=place)
        year = record.graduation_year - years_short
        if on.year < year:
            raise CompletionTooEarly(conclude_date=on.isoformat(), graduation_year=str(year))
        return
    months = policies.number("status.attendance_months_min", on=on, place=place)
    earliest = add_months(record.valid_from_date, months)
    if on < earliest:
        raise AttendanceTooShort(months=str(months), earliest=earliest.isoformat())
