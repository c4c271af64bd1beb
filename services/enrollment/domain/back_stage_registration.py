"""Back-stage registrations: what enrollment decides on each arrival at a back college."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.cohort_member import State as MemberState
from services.enrollment.domain.events import Event
from services.enrollment.domain.status_record import StatusRecord


class State(StrEnum):
    """States of a registration."""

    REFUSED = "REFUSED"
    REGISTERED = "REGISTERED"
    ENDED = "ENDED"


class BlockingReason(StrEnum):
    """Why a registration is refused."""

    FRONT_STAGE_NOT_GRADUATED = "FRONT_STAGE_NOT_GRADUATED"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    # Another record of the same level is open: nobody is registered twice (XJE).
    REGISTERED_ELSEWHERE = "REGISTERED_ELSEWHERE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the transfer says of an applicant who arrived."""

    application_id: UUID
    project_id: UUID
    person_id: UUID
    member_id: UUID
    front: str
    back: str
    arrive_date: date


@dataclass(kw_only=True)
class BackStageRegistration(Aggregate):
    """The registration of one arrived applicant; its id is the application's."""

    id: UUID
    state: State
    person_id: UUID
    project_id: UUID
    member_id: UUID
    front: str
    back: str
    blocking_reason: BlockingReason | None = None
    status_record_id: UUID | None = None
    arrive_date: date

    @classmethod
    def register(cls, arrival: Arrival, *, status_record_id: UUID) -> Self:
        """Register an arrival that nothing blocks, with its new back-stage record."""
        registration = cls(**_facts(arrival), state=State.REGISTERED)
        registration.status_record_id = status_record_id
        registration._happened(Event.BACK_STAGE_REGISTERED)
        return registration

    @classmethod
    def refuse(cls, arrival: Arrival, *, reason: BlockingReason) -> Self:
        """Keep an arrival that something blocks; both schools see what."""
        registration = cls(**_facts(arrival), state=State.REFUSED)
        registration.blocking_reason = reason
        registration._happened(Event.BACK_STAGE_REFUSED)
        return registration

    def complete(self, *, status_record_id: UUID) -> None:
        """Register a refused arrival after what blocked it went away."""
        self._check(State.REFUSED)
        self.state = State.REGISTERED
        self.blocking_reason = None
        self.status_record_id = status_record_id
        self._happened(Event.BACK_STAGE_REGISTERED)

    def refuse_again(self, *, reason: BlockingReason) -> None:
        """Say that something else blocks a refused arrival now."""
        self._check(State.REFUSED)
        self.blocking_reason = reason
        self._happened(Event.BACK_STAGE_REFUSED)

    def end(self) -> None:
        """End the registration after the re-check failed; nothing blocks or waits any more."""
        self._check(State.REFUSED, State.REGISTERED)
        self.state = State.ENDED
        self.blocking_reason = None
        self._happened(Event.BACK_STAGE_ENDED)

    def _check(self, *states: State) -> None:
        if self.state not in states:
            raise RuntimeError(f"registration {self.id} is {self.state}")


def find_blocking_reason(
    *,
    person_id: UUID,
    project_id: UUID,
    member: CohortMember | None,
    front_record: StatusRecord | None,
) -> BlockingReason | None:
    """Return what keeps an arrived person from being registered, or None.

    Only students of the project may transfer (JS18), and who left it cannot come back (GD19);
    the back college registers who holds the front diploma (SDjn).
    """
    if member is None or (member.person_id, member.project_id) != (person_id, project_id):
        return BlockingReason.NOT_A_MEMBER
    if member.state is MemberState.LEFT:
        return BlockingReason.NOT_A_MEMBER
    if front_record is None or not front_record.has_diploma:
        return BlockingReason.FRONT_STAGE_NOT_GRADUATED
    return None


def _facts(arrival: Arrival) -> dict[str, Any]:
    return {
        "id": arrival.application_id,
        "person_id": arrival.person_id,
        "project_id": arrival.project_id,
        "member_id": arrival.member_id,
        "front": arrival.front,
        "back": arrival.back,
        "arrive_date": arrival.arrive_date,
    }
