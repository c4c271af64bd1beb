"""Finds where a school is and which authorities decide for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import ResourceNotFound
from services.enrollment.domain.authorities import region_of
from services.enrollment.domain.pathways import TEACHING_KINDS, Level
from services.enrollment.domain.policies import Place
from services.enrollment.domain.status_change import Level as StepLevel
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_rules import school_kind_of
from services.enrollment.store import schools

_PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Authorities:
    """The schools of some records, and the bureaus that decide for them."""

    schools: dict[str, schools.School]
    bureaus: dict[str, str]

    def place_of(self, record: StatusRecord) -> Place:
        """Return for whom policies are asked."""
        return Place(self.region_of(record)[:_PROVINCE_DIGITS], school_kind_of(record))

    def region_of(self, record: StatusRecord) -> str:
        """Return where the school of a record is."""
        return self.schools[record.organisation].region_code

    def levels_of(self, school: str) -> frozenset[Level]:
        """Return the levels that a school teaches; none for what is no school."""
        known = self.schools.get(school)
        if known is None:
            return frozenset()
        return frozenset(level for level, kinds in TEACHING_KINDS.items() if known.kind in kinds)


async def find_authorities(
    tx: db.Transaction, records: Sequence[StatusRecord], others: Sequence[str] = ()
) -> Authorities:
    """Load the schools of records and of `others`, and the bureaus of their regions."""
    found = await schools.get_schools(tx, {*(each.organisation for each in records), *others})
    for record in records:
        if record.organisation not in found:
            raise ResourceNotFound(name=f"organisations/{record.organisation}")
    regions = [
        region_of(level, found[record.organisation].region_code)
        for record in records
        for level in StepLevel
    ]
    return Authorities(found, await schools.find_bureaus(tx, regions))
