"""The index of persons' timelines: written beside the change rows, in their transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import bulk, db
from services.enrollment.store.timeline_tables import person_timeline

_COLUMNS = [column.name for column in person_timeline.columns]
_ADD = bulk.insert_many(person_timeline, _COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """A change that is about a person, and the day of its fact."""

    person_id: UUID
    fact_date: date
    change_id: int


async def add_many(tx: db.Transaction, rows: Sequence[TimelineRow]) -> None:
    """Index changes; one statement for all of them."""
    values = [(row.person_id, row.fact_date, row.change_id) for row in rows]
    await bulk.write_tuples(tx, _ADD, _COLUMNS, values)
