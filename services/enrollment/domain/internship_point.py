"""实习点: a post of an enterprise at which pupils of a school may do 岗位实习.

A point says to which majors its post belongs, and why. One that belongs to none is kept and
counted (S4: 305 of 414 points were matched), and nobody is sent there (LAW 职业教育法 art 50).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.internship_refusals import (
    EmployerNotEnterprise,
    InternshipPointEnded,
)
from services.enrollment.domain.organisation import Kind, Organisation


class State(StrEnum):
    """States of a point."""

    OPEN = "OPEN"
    ENDED = "ENDED"


@dataclass(kw_only=True)
class InternshipPoint(Aggregate):
    """A point, from a day to a day, both included."""

    id: UUID
    state: State
    organisation: str
    enterprise: str
    post: str
    major_codes: list[str]
    match_reason: str
    region_code: str
    valid_from_date: date
    valid_to_date: date | None = None

    @classmethod
    def declare(
        cls,
        employer: Organisation,
        *,
        new_id: UUID,
        party: str,
        post: str,
        major_codes: list[str],
        match_reason: str,
        region_code: str,
        valid_from_date: date,
    ) -> Self:
        """Declare a point; the counterparty is the employing enterprise, in operation."""
        check_employer(employer, on=valid_from_date)
        point = cls(
            id=new_id,
            state=State.OPEN,
            organisation=party,
            enterprise=employer.id,
            post=post,
            major_codes=sorted(major_codes),
            match_reason=match_reason,
            region_code=region_code,
            valid_from_date=valid_from_date,
        )
        point._happened(Event.INTERNSHIP_POINT_DECLARED)
        return point

    def end(self, *, valid_to_date: date) -> None:
        """End the point; who is there stays to the day that was agreed."""
        self.check_open(valid_to_date, valid_to_date if self.valid_to_date is None else date.max)
        self.valid_to_date = valid_to_date
        self.state = State.ENDED
        self._happened(Event.INTERNSHIP_POINT_ENDED)

    def check_open(self, first_date: date, last_date: date) -> None:
        """Raise InternshipPointEnded unless the point is open from a day to a day."""
        is_open = self.valid_from_date <= first_date and (
            self.valid_to_date is None or last_date <= self.valid_to_date
        )
        if not is_open:
            raise InternshipPointEnded(
                name=f"internshipPoints/{self.id}",
                valid_from_date=self.valid_from_date.isoformat(),
                valid_to_date=self.valid_to_date.isoformat() if self.valid_to_date else "-",
            )


def check_employer(employer: Organisation, *, on: date) -> None:
    """Refuse whoever is no enterprise, or is blocked, or has ended by a day."""
    if employer.kind is not Kind.ENTERPRISE:
        raise EmployerNotEnterprise(enterprise=employer.id, organisation_kind=employer.kind)
    employer.check_open_to_new(on=on)
