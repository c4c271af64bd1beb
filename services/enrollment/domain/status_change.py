"""Status changes (学籍异动): proposed by the school, approved by a chain, put into effect.

Whether the rules allow a change is said by status_rules; the chain is data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_change_refusals import (
    NoticeNeeded,
    NoticeTooShort,
    NotStatusChangeHolder,
    NotYetEffective,
    StatusChangeNotPending,
)
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.student_status import ChangeKind


class State(StrEnum):
    """States of a change."""

    PROPOSED = "PROPOSED"
    IN_CHAIN = "IN_CHAIN"
    APPROVED = "APPROVED"
    EFFECTIVE = "EFFECTIVE"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class Ground(StrEnum):
    """What a change is asked for."""

    ILLNESS = "ILLNESS"
    ARMY_SERVICE = "ARMY_SERVICE"
    START_UP = "START_UP"
    SPECIAL = "SPECIAL"
    JOINT_TRAINING = "JOINT_TRAINING"
    OWN_WISH = "OWN_WISH"
    OVERDUE_RETURN = "OVERDUE_RETURN"
    SUSPENSION_LIMIT = "SUSPENSION_LIMIT"
    UNEXCUSED_HOURS = "UNEXCUSED_HOURS"
    AWAY_DAYS = "AWAY_DAYS"
    DISCIPLINE = "DISCIPLINE"
    DEATH = "DEATH"
    MISSING = "MISSING"
    STUDIES = "STUDIES"
    TERM_ENDED = "TERM_ENDED"


class Initiator(StrEnum):
    """Who asks for a change."""

    STUDENT = "STUDENT"
    SCHOOL = "SCHOOL"


class GuardianOpinion(StrEnum):
    """What the guardian says."""

    NOT_ASKED = "NOT_ASKED"
    AGREED = "AGREED"
    OBJECTED = "OBJECTED"


class AttachmentKind(StrEnum):
    """What a document is."""

    HOSPITAL_CERTIFICATE = "HOSPITAL_CERTIFICATE"
    ENLISTMENT_NOTICE = "ENLISTMENT_NOTICE"
    DISCHARGE_CERTIFICATE = "DISCHARGE_CERTIFICATE"
    EMPLOYMENT_PROOF = "EMPLOYMENT_PROOF"
    GUARDIAN_AGREEMENT = "GUARDIAN_AGREEMENT"
    ATTENDANCE_RECORD = "ATTENDANCE_RECORD"
    DEATH_CERTIFICATE = "DEATH_CERTIFICATE"
    MISSING_PROOF = "MISSING_PROOF"
    DECISION = "DECISION"
    TRAINING_AGREEMENT = "TRAINING_AGREEMENT"
    OTHER = "OTHER"


class Level(StrEnum):
    """Whose turn a step of a chain is."""

    SCHOOL = "SCHOOL"
    RECEIVING_SCHOOL = "RECEIVING_SCHOOL"
    COUNTY_BUREAU = "COUNTY_BUREAU"
    CITY_BUREAU = "CITY_BUREAU"
    PROVINCE_BUREAU = "PROVINCE_BUREAU"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document that others hold, known by its hash."""

    kind: AttachmentKind
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a chain, and what was decided in it."""

    level: Level
    organisation: str
    decide_date: date | None = None
    is_approved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a school proposes; why is sealed before."""

    kind: ChangeKind
    initiator: Initiator
    sealed_ground: bytes
    sealed_reason: bytes
    sealed_facts: bytes
    guardian_opinion: GuardianOpinion
    apply_date: date
    effective_date: date
    until_date: date | None
    is_unreachable: bool
    receiving: str
    new_major_code: str
    new_class_name: str
    attachments: tuple[Attachment, ...]


@dataclass(kw_only=True)
class StatusChange(Aggregate):
    """A change of one record, and how far it has come."""

    id: UUID
    state: State
    status_record_id: UUID
    person_id: UUID
    organisation: str
    front: str
    back: str
    kind: ChangeKind
    initiator: Initiator
    sealed_ground: bytes
    sealed_reason: bytes
    sealed_facts: bytes
    guardian_opinion: GuardianOpinion
    apply_date: date
    effective_date: date
    until_date: date | None
    approve_date: date | None = None
    is_unreachable: bool
    notice_from_date: date | None = None
    notice_to_date: date | None = None
    receiving: str
    new_major_code: str
    new_class_name: str
    attachments: tuple[Attachment, ...]
    steps: tuple[Step, ...]

    @classmethod
    def propose(
        cls,
        proposal: Proposal,
        *,
        new_id: UUID,
        party: str,
        record: StatusRecord,
        steps: Sequence[Step],
    ) -> Self:
        """Propose a change that the rules allow; only the school that holds the record may."""
        if party != record.organisation:
            raise NotRecordHolder(party=party)
        change = cls(
            id=new_id,
            state=State.PROPOSED,
            status_record_id=record.id,
            person_id=record.person_id,
            organisation=record.organisation,
            front=record.front,
            back=record.back,
            steps=tuple(steps),
            **{name: getattr(proposal, name) for name in Proposal.__dataclass_fields__},
        )
        change._happened(Event.STATUS_CHANGE_PROPOSED)
        return change

    def reassign(
        self, *, person_id: UUID, sealed_ground: bytes, sealed_reason: bytes, sealed_facts: bytes
    ) -> None:
        """Follow the record to another person, sealed with that one's key."""
        self.person_id = person_id
        self.sealed_ground = sealed_ground
        self.sealed_reason = sealed_reason
        self.sealed_facts = sealed_facts
        self._happened(Event.STATUS_CHANGE_REASSIGNED)

    @property
    def holder(self) -> str:
        """Whose turn it is: of the chain, then of the school; empty when nobody's."""
        if self.state is State.APPROVED:
            return self.organisation
        return self._step.organisation if self._is_in_chain else ""

    @property
    def parties(self) -> list[str]:
        """Who may see the change: both schools of the pathway, and all of the chain."""
        chain = (step.organisation for step in self.steps)
        return list(dict.fromkeys((self.organisation, self.front, self.back, *chain)))

    def approve(self, *, party: str, on: date, notice_days_min: int) -> None:
        """Approve for whose turn it is; after the last of the chain the change is approved.

        Who cannot be reached must have been given public notice first (XJ).
        """
        self._check_holder(party)
        if self.is_unreachable and (self.notice_to_date is None or on <= self.notice_to_date):
            raise NoticeNeeded(days=str(notice_days_min))
        self._decide(on=on, is_approved=True)
        if all(step.is_approved for step in self.steps):
            self.state = State.APPROVED
            self.approve_date = on
            self._happened(Event.STATUS_CHANGE_APPROVED)
        else:
            self.state = State.IN_CHAIN
            self._happened(Event.STATUS_CHANGE_ENDORSED)

    def reject(self, *, party: str, on: date) -> None:
        """Reject for whose turn it is; that ends the change."""
        self._check_holder(party)
        self._decide(on=on, is_approved=False)
        self.state = State.REJECTED
        self._happened(Event.STATUS_CHANGE_REJECTED)

    def withdraw(self, *, party: str) -> None:
        """Take back a change that is not in effect."""
        self._check_own(party, State.PROPOSED, State.IN_CHAIN, State.APPROVED)
        self.state = State.WITHDRAWN
        self._happened(Event.STATUS_CHANGE_WITHDRAWN)

    def notice(self, *, party: str, from_date: date, to_date: date, days_min: int) -> None:
        """Record the public notice to a student who cannot be reached (XJ)."""
        self._check_own(party, State.PROPOSED, State.IN_CHAIN)
        earliest = from_date + timedelta(days=days_min - 1)
        if to_date < earliest:
            raise NoticeTooShort(days=str(days_min), earliest=earliest.isoformat())
        self.is_unreachable = True
        self.notice_from_date = from_date
        self.notice_to_date = to_date
        self._happened(Event.STATUS_CHANGE_NOTICED)

    def effect(self, *, party: str, today: date) -> None:
        """Put the change into effect, from its effective date on."""
        self._check_own(party, State.APPROVED)
        if today < self.effective_date:
            raise NotYetEffective(effective_date=self.effective_date.isoformat())
        self.state = State.EFFECTIVE
        self._happened(Event.STATUS_CHANGE_EFFECTED)

    @property
    def _is_in_chain(self) -> bool:
        return self.state in {State.PROPOSED, State.IN_CHAIN}

    @property
    def _step(self) -> Step:
        return next(step for step in self.steps if step.decide_date is None)

    def _check_holder(self, party: str) -> None:
        if not self._is_in_chain:
            raise StatusChangeNotPending(state=self.state)
        if party != self.holder:
            raise NotStatusChangeHolder(holder=self.holder, party=party)

    def _check_own(self, party: str, *states: State) -> None:
        if party != self.organisation:
            raise NotRecordHolder(party=party)
        if self.state not in states:
            raise StatusChangeNotPending(state=self.state)

    def _decide(self, *, on: date, is_approved: bool) -> None:
        present = self._step
        decided = replace(present, decide_date=on, is_approved=is_approved)
        self.steps = tuple(decided if step is present else step for step in self.steps)
