"""Keeps the index of persons' timelines beside the change rows, whoever recorded them."""

from collections.abc import Sequence

from chassis import db
from chassis.changes import Origin, Written
from chassis.clock import civil_date
from services.enrollment.domain.timelines import line_of
from services.enrollment.edge.wire.timelines import fact_date_of, subject_of
from services.enrollment.store import person_timelines
from services.enrollment.store.person_timelines import TimelineRow


async def index_timelines(tx: db.Transaction, origin: Origin, written: Sequence[Written]) -> None:
    """Index those changes that are about persons."""
    recorded = civil_date(origin.business_time)
    rows = [
        TimelineRow(
            person_id=person_id,
            fact_date=fact_date_of(each.message, line_of(each.event), recorded),
            change_id=each.change_id,
        )
        for each in written
        if (person_id := subject_of(each.message)) is not None
    ]
    await person_timelines.add_many(tx, rows)
