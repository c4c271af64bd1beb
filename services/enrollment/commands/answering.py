"""By when a side has to answer, as the policies of the day have it."""

from datetime import date, datetime, timedelta

from chassis.clock import civil_date
from services.enrollment.domain.policies import PolicyTable


def answer_by(policies: PolicyTable, *, now: datetime) -> date:
    """Return the last day of a turn that begins now."""
    today = civil_date(now)
    return today + timedelta(days=policies.number("agreements.answer_days", on=today))
