"""Which records a person has held at which level, and whether another one would overlap."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.enrollment.domain.pathways import Level
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_refusals import StatusRecordOverlaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when, both days included, a record holds; without end while it is open."""

    record_id: UUID
    person_id: UUID
    organisation: str
    level: Level
    first_date: date
    last_date: date | None

    def overlaps(self, other: "Span") -> bool:
        """Whether a day is in both."""
        return (self.last_date is None or other.first_date <= self.last_date) and (
            other.last_date is None or self.first_date <= other.last_date
        )


def span_of(record: StatusRecord) -> Span:
    """Return the time for which a record holds."""
    return Span(
        record_id=record.id,
        person_id=record.person_id,
        organisation=record.organisation,
        level=record.level,
        first_date=record.valid_from_date,
        last_date=record.valid_to_date,
    )


class Spans:
    """The records of some persons, who are locked: what is added is checked against what is there.

    One person, one 学籍 at a time and level (HN: one number for life; XJE: no duplicates).
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self._of_persons: dict[UUID, list[Span]] = defaultdict(list)
        for span in spans:
            self._of_persons[span.person_id].append(span)

    def find_overlapping(self, span: Span) -> Span | None:
        """Return a record of the same person and level that holds on a day of the span."""
        for each in self._of_persons[span.person_id]:
            is_other = each.level is span.level and each.record_id != span.record_id
            if is_other and each.overlaps(span):
                return each
        return None

    def add(self, record: StatusRecord) -> None:
        """Take a record in; raises StatusRecordOverlaps."""
        span = span_of(record)
        overlapping = self.find_overlapping(span)
        if overlapping is not None:
            raise StatusRecordOverlaps(
                name=f"statusRecords/{overlapping.record_id}",
                organisation=overlapping.organisation,
            )
        self._of_persons[span.person_id].append(span)

    def replace(self, record: StatusRecord) -> None:
        """Take a changed record in the place of what it was."""
        self._of_persons[record.person_id] = [
            each for each in self._of_persons[record.person_id] if each.record_id != record.id
        ]
        self.add(record)
