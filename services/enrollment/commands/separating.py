"""Finds which classes of the schools of some records are taught separately (单独编班, JS21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from services.enrollment.domain.separate_classes import SeparateClasses
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import cohort_members, cohorts


@dataclass(frozen=True, slots=True)
class Separation:
    """The classes of pathway cohorts by school, and who is in which cohort."""

    classes: Mapping[str, Mapping[str, frozenset[UUID]]]
    cohort_ids: Mapping[UUID, UUID]

    def of(self, record: StatusRecord) -> SeparateClasses:
        """Return the separate classes of the school of a record, and the student's own."""
        classes = self.classes.get(record.organisation, {})
        cohort_id = self.cohort_ids.get(record.member_id) if record.member_id else None
        return SeparateClasses(
            of_school=frozenset(classes),
            own=frozenset(name for name, holders in classes.items() if cohort_id in holders),
        )


async def find_separation(tx: db.Transaction, records: Sequence[StatusRecord]) -> Separation:
    """Load what is separate for records whose class is to change."""
    if not records:
        return Separation({}, {})
    member_ids = [record.member_id for record in records if record.member_id]
    return Separation(
        await cohorts.find_separate_classes(tx, [record.organisation for record in records]),
        await cohort_members.find_pathway_cohorts(tx, member_ids),
    )
