"""A pupil's place in a cooperation: an apprentice, or a student of an order or named class.

A place refers to a person and to the record at the school, and copies nothing of either. It is
seen by the schools of the cooperation; by an enterprise only while the pupil consents (PIPL 23).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain import status_record
from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_parts import Kind
from services.enrollment.domain.cooperation_refusals import (
    ApprenticePapersMissing,
    CooperationPartiesWrong,
    PartyNotEntitled,
    PupilDatesWrong,
    PupilNotOfSchool,
    PupilPlacesOverlap,
)
from services.enrollment.domain.events import Event
from services.enrollment.domain.status_record import StatusRecord


class State(StrEnum):
    """States of a place."""

    ACTIVE = "ACTIVE"
    LEFT = "LEFT"


@dataclass(kw_only=True)
class CooperationPupil(Aggregate):
    """That a pupil is on a roster from a day to a day, the last one excluded."""

    id: UUID
    state: State
    cooperation_id: UUID
    kind: Kind
    person_id: UUID
    status_record_id: UUID
    school: str
    # Empty where the cooperation is of schools only.
    enterprise: str
    join_date: date
    leave_date: date | None = None
    # It may speak of health; empty where the cooperation ended, whose own reason says why.
    sealed_leave_reason: bytes = b""
    # Of the pupil's own agreement (学徒培养协议).
    agreement_sha256: str
    # A guardian's, to the work of a minor.
    consent_id: UUID | None
    # The schools of the cooperation: who hears of the place.
    schools: list[str] = field(default_factory=list)

    @classmethod
    def join(
        cls,
        *,
        new_id: UUID,
        cooperation: Cooperation,
        record: StatusRecord,
        party: str,
        enterprise: str,
        join_date: date,
        agreement_sha256: str,
        others: Sequence["CooperationPupil"],
    ) -> Self:
        """Put a pupil on a roster; whether it is open is the cooperation's to say.

        Nobody is twice on a roster, or an apprentice of two at once (GK). An apprentice has an
        enterprise and an agreement (LAW 职业教育法 art 30); a minor's guardian's consent is asked
        for by `approve_work`.
        """
        is_there = record.valid_from_date <= join_date
        if (
            record.organisation != party
            or record.state is not status_record.State.IN_SCHOOL
            or not is_there
        ):
            raise PupilNotOfSchool(date=join_date.isoformat(), party=party)
        enterprise = _enterprise_of(cooperation, enterprise)
        if cooperation.kind is Kind.APPRENTICESHIP:
            if not enterprise:
                raise ApprenticePapersMissing(problem="enterprise")
            if not agreement_sha256:
                raise ApprenticePapersMissing(problem="agreement")
        pupil = cls(
            id=new_id,
            state=State.ACTIVE,
            cooperation_id=cooperation.id,
            kind=cooperation.kind,
            person_id=record.person_id,
            status_record_id=record.id,
            school=party,
            enterprise=enterprise,
            join_date=join_date,
            agreement_sha256=agreement_sha256,
            consent_id=None,
            schools=cooperation.schools,
        )
        for each in others:
            pupil._check_apart(each)
        pupil._happened(Event.COOPERATION_PUPIL_JOINED)
        return pupil

    def approve_work(self, *, is_minor: bool, consent_id: UUID | None) -> None:
        """Keep the consent to an apprentice's work; a minor's guardian must have given it (GK).

        The law asks for it with 岗位实习 (LAW 职业教育法 art 50), and an apprentice works as much.
        """
        if self.kind is Kind.APPRENTICESHIP and is_minor:
            if consent_id is None:
                raise ApprenticePapersMissing(problem="guardian's consent")
            self.consent_id = consent_id

    def leave(
        self, *, party: str, leave_date: date, sealed_leave_reason: bytes, today: date
    ) -> None:
        """Take the pupil off the roster, as the pupil's school."""
        if party != self.school:
            raise PartyNotEntitled(party=party, problem="the school of the pupil")
        if self.state is State.LEFT:
            raise PupilDatesWrong(date=leave_date.isoformat(), problem="has left")
        if not self.join_date <= leave_date <= today:
            raise PupilDatesWrong(date=leave_date.isoformat(), problem="before joining or ahead")
        self.sealed_leave_reason = sealed_leave_reason
        self._leave(leave_date)

    def follow_end(self, *, on: date) -> None:
        """Leave with the cooperation, which has ended."""
        self._leave(max(on, self.join_date))

    def _leave(self, leave_date: date) -> None:
        self.state = State.LEFT
        self.leave_date = leave_date
        self._happened(Event.COOPERATION_PUPIL_LEFT)

    def _check_apart(self, other: "CooperationPupil") -> None:
        is_rival = other.cooperation_id == self.cooperation_id or (
            {self.kind, other.kind} == {Kind.APPRENTICESHIP}
        )
        # One that was left on the day of joining has no days that could be on both.
        last_start = max(self.join_date, other.join_date)
        if is_rival and (other.leave_date is None or other.leave_date > last_start):
            name = f"cooperationPupils/{other.id}"
            raise PupilPlacesOverlap(date=self.join_date.isoformat(), name=name)


def _enterprise_of(cooperation: Cooperation, enterprise: str) -> str:
    """Return the enterprise of a place: the one that is named, or the only one."""
    present = cooperation.enterprises
    if enterprise and enterprise not in present:
        name = f"organisations/{enterprise}"
        raise CooperationPartiesWrong(name=name, problem="no enterprise of the cooperation")
    return enterprise or (present[0] if len(present) == 1 else "")
