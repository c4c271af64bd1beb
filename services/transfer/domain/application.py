"""转段申请: one member's way from the front to the back stage, guarded by state and by party.

Sources of the states: GK. 转段 is an admission, not a transfer of school: the student
graduates at the front and is registered anew at the back. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.transfer.domain import transfer_batch
from services.transfer.domain.aggregate import Aggregate
from services.transfer.domain.application_states import (
    DIVERTIBLE,
    RESERVING,
    WITHDRAWABLE,
    Diversion,
    RetentionKind,
    State,
)
from services.transfer.domain.events import Event
from services.transfer.domain.policy import Policy
from services.transfer.domain.refusals import (
    ApplicationNotAdmitted,
    ApplicationNotArrived,
    ApplicationNotConfirmed,
    ApplicationNotDivertible,
    ApplicationNotDraft,
    ApplicationNotProposed,
    ApplicationNotQualified,
    ApplicationNotRejectable,
    ApplicationNotSubmitted,
    ApplicationNotWithdrawable,
    ApprovalNotRecorded,
    ArrivalNotOpen,
    ArrivalNotOver,
    ArrivalOver,
    GuardianConsentMissing,
    LeaveTooLong,
    LiveAdmissionExists,
    MarksIncomplete,
    MemberNotInPathway,
    MemberNotOfProject,
    NotBackCollege,
    NotFrontSchool,
    RecheckOver,
    RegistrationNotOpen,
    RetentionTooLong,
    SelfConfirmation,
    TransferRefusal,
)
from services.transfer.domain.scheme import Mark
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch


@dataclass(frozen=True, kw_only=True)
class Member:
    """What this service knows of a member of a cohort: its local copy."""

    id: UUID
    project_id: UUID
    # The schools of the project; empty while it has not arrived.
    front: str
    back: str
    person_id: UUID
    state: str
    birth_year: int
    sealed_display_name: bytes

    def is_seen_by(self, party: str) -> bool:
        """Whether a school may know that there is such a member."""
        return party in {self.front, self.back}

    @property
    def is_in_pathway(self) -> bool:
        """Graduating does not end the pathway; leaving does, for good (GD19)."""
        return self.state in {"ACTIVE", "GRADUATED"}


@dataclass(kw_only=True)
class Application(Aggregate):
    """An application; marks and totals in hundredths of a point."""

    id: UUID
    state: State
    batch_id: UUID
    project_id: UUID
    member_id: UUID
    person_id: UUID
    front: str
    back: str
    transfer_year: int
    birth_year: int
    sealed_display_name: bytes
    submitted_by: str = ""
    marks: tuple[Mark, ...] = ()
    total_hundredths: int = 0
    rank: int = 0
    sealed_exemption_ground: bytes = b""
    sealed_decision_reason: bytes = b""
    approval_number: str = ""
    leave_until_date: date | None = None
    retention_kind: RetentionKind | None = None
    retained_until_date: date | None = None
    arrive_date: date | None = None
    blocking_reason: str = ""
    status_record_id: UUID | None = None
    diversion: Diversion | None = None

    @classmethod
    def draft(
        cls, *, new_id: UUID, batch: TransferBatch, member: Member, party: str
    ) -> "Application":
        """Draft for the front school; only students of the project may apply (JS18)."""
        if party != batch.front:
            raise NotFrontSchool(party=party)
        _require_registration_open(batch)
        if member.project_id != batch.project_id:
            raise MemberNotOfProject
        _require_in_pathway(member)
        application = cls(
            id=new_id,
            state=State.DRAFT,
            batch_id=batch.id,
            project_id=batch.project_id,
            member_id=member.id,
            person_id=member.person_id,
            front=batch.front,
            back=batch.back,
            transfer_year=batch.transfer_year,
            birth_year=member.birth_year,
            sealed_display_name=member.sealed_display_name,
        )
        application._happened(Event.APPLICATION_DRAFTED)
        return application

    def submit(self, *, party: str, actor: str, batch: TransferBatch) -> None:
        self._require_front(party)
        self._require(ApplicationNotDraft, State.DRAFT)
        _require_registration_open(batch)
        self.submitted_by = actor
        self._become(State.SUBMITTED, Event.APPLICATION_SUBMITTED)

    def confirm(self, *, party: str, actor: str) -> None:
        """Confirm by another person of the front school than the one who submitted."""
        self._require_front(party)
        self._require(ApplicationNotSubmitted, State.SUBMITTED)
        if actor == self.submitted_by:
            raise SelfConfirmation(actor=actor)
        self._become(State.FRONT_CONFIRMED, Event.APPLICATION_CONFIRMED)

    def reject(self, *, party: str, sealed_reason: bytes) -> None:
        """Reject: a submitted one by the front school, a confirmed one by the back college."""
        if self.state is State.SUBMITTED:
            self._require_front(party)
            state = State.FRONT_REJECTED
        elif self.state is State.FRONT_CONFIRMED:
            self._require_back(party)
            state = State.BACK_REJECTED
        else:
            raise ApplicationNotRejectable(state=self.state)
        self.sealed_decision_reason = sealed_reason
        self._become(state, Event.APPLICATION_REJECTED)

    def qualify(self, *, party: str, batch: TransferBatch, member: Member) -> None:
        self._require_back(party)
        self._require(ApplicationNotConfirmed, State.FRONT_CONFIRMED)
        _require_registration_open(batch)
        _require_in_pathway(member)
        self._become(State.QUALIFIED, Event.APPLICATION_QUALIFIED)

    def assess(
        self,
        *,
        party: str,
        batch: TransferBatch,
        marks: Sequence[Mark],
        absent: bool,
        exempt: bool,
        sealed_exemption_ground: bytes,
    ) -> None:
        """Record the result: marks, or an absence (JS18: 均须参加), or a prize (GD21)."""
        self._require_back(party)
        self._require(ApplicationNotQualified, State.QUALIFIED)
        batch.require_state(transfer_batch.State.QUALIFIED)
        if sum((bool(marks), absent, exempt)) != 1:
            raise MarksIncomplete
        state = State.ABSENT if absent else State.EXEMPT
        if marks:
            batch.scheme.check_marks(marks)
            self.marks = tuple(marks)
            self.total_hundredths = batch.scheme.total_hundredths(marks)
            met = batch.scheme.is_met(marks)
            state = State.ASSESSED_MET if met else State.ASSESSED_NOT_MET
        self.sealed_exemption_ground = sealed_exemption_ground
        self._become(state, Event.APPLICATION_ASSESSED)

    def propose(self, *, rank: int, is_within_quota: bool) -> None:
        """Take the place in the ranking that `ranking.rank` found."""
        self.rank = rank
        if is_within_quota:
            self._become(State.PROPOSED, Event.APPLICATION_PROPOSED)
        else:
            self._become(State.NOT_PROPOSED, Event.APPLICATION_NOT_PROPOSED)

    def object(self, *, batch: TransferBatch, today: date) -> None:
        """Stand under an objection, raised while the notice runs."""
        self._require(ApplicationNotProposed, State.PROPOSED)
        batch.require_notice_running(today)
        self._become(State.OBJECTED, Event.APPLICATION_OBJECTED)

    def dismiss_objection(self) -> None:
        self._require(ApplicationNotProposed, State.OBJECTED)
        self._become(State.PROPOSED, Event.APPLICATION_OBJECTION_DISMISSED)

    def disqualify(self, *, sealed_reason: bytes) -> PlaceMove:
        """End by an upheld objection; the place lapses."""
        self._require(ApplicationNotProposed, State.OBJECTED)
        self.sealed_decision_reason = sealed_reason
        self._become(State.DISQUALIFIED, Event.APPLICATION_DISQUALIFIED)
        return PlaceMove(reserved=-1, lapsed=1)

    def admit(self, *, party: str, batch: TransferBatch, has_live_admission: bool) -> PlaceMove:
        """Admit within the approved list; a place reserved becomes one admitted.

        `has_live_admission` is of the person in this year: one is all that one may have (SD17).
        """
        self._require_back(party)
        self._require(ApplicationNotProposed, State.PROPOSED)
        if batch.state is not transfer_batch.State.ADMITTED:
            raise ApprovalNotRecorded(state=batch.state)
        if has_live_admission:
            raise LiveAdmissionExists(year=str(self.transfer_year))
        self.approval_number = batch.approval_number
        self._become(State.ADMITTED, Event.APPLICATION_ADMITTED)
        return PlaceMove(reserved=-1, admitted=1)

    def refuse(self, *, party: str, batch: TransferBatch, sealed_reason: bytes) -> PlaceMove:
        """Record that the exam authority did not admit; the place lapses."""
        self._require_back(party)
        self._require(ApplicationNotProposed, State.PROPOSED)
        if batch.state is not transfer_batch.State.ADMITTED:
            raise ApprovalNotRecorded(state=batch.state)
        self.sealed_decision_reason = sealed_reason
        self._become(State.NOT_ADMITTED, Event.APPLICATION_REFUSED)
        return PlaceMove(reserved=-1, lapsed=1)

    def grant_leave(
        self, *, party: str, batch: TransferBatch, until: date, today: date, policy: Policy
    ) -> None:
        """Grant leave asked for in advance, at most two weeks past the deadline (JSLH, QY)."""
        self._require_back(party)
        self._require(ApplicationNotAdmitted, State.ADMITTED)
        deadline = _arrival_deadline(batch)
        if today > deadline:
            raise ArrivalOver(deadline=str(deadline))
        latest = deadline + timedelta(days=policy.leave_days_max)
        if not today <= until <= latest:
            raise LeaveTooLong(latest=str(latest))
        self.leave_until_date = until
        self._happened(Event.LEAVE_GRANTED)

    def retain(
        self,
        *,
        party: str,
        batch: TransferBatch,
        kind: RetentionKind,
        until: date,
        today: date,
        policy: Policy,
    ) -> None:
        """Keep the place (保留入学资格), applied for before the arrival deadline (QY)."""
        self._require_back(party)
        self._require(ApplicationNotAdmitted, State.ADMITTED)
        deadline = _arrival_deadline(batch)
        if today > max(deadline, self.leave_until_date or deadline):
            raise ArrivalOver(deadline=str(deadline))
        is_army = kind is RetentionKind.ARMY_SERVICE
        days = policy.army_retention_days_max if is_army else policy.retention_days_max
        latest = deadline + timedelta(days=days)
        if not deadline < until <= latest:
            raise RetentionTooLong(latest=str(latest))
        self.retention_kind = kind
        self.retained_until_date = until
        self._become(State.RETAINED, Event.PLACE_RETAINED)

    def forfeit(self, *, party: str, batch: TransferBatch, today: date) -> PlaceMove:
        """Record a place given up once deadline, leave and retention are over; it lapses."""
        self._require_back(party)
        self._require(ApplicationNotAdmitted, State.ADMITTED, State.RETAINED)
        deadline = self._last_arrival_date(batch)
        if today <= deadline:
            raise ArrivalNotOver(deadline=str(deadline))
        self._become(State.FORFEITED, Event.PLACE_FORFEITED)
        return PlaceMove(admitted=-1, lapsed=1)

    def arrive(self, *, party: str, batch: TransferBatch, arrive_date: date, today: date) -> None:
        """Record the arrival; enrollment then registers the back stage by itself."""
        self._require_back(party)
        self._require(ApplicationNotAdmitted, State.ADMITTED, State.RETAINED)
        deadline = self._last_arrival_date(batch)
        begin = batch.arrival_begin_date or deadline
        if arrive_date < begin or arrive_date > today:
            raise ArrivalNotOpen(state=batch.state, begin=str(begin))
        if arrive_date > deadline:
            raise ArrivalOver(deadline=str(deadline))
        self.arrive_date = arrive_date
        self._become(State.ARRIVED, Event.APPLICATION_ARRIVED)

    def register(self, *, status_record_id: UUID) -> None:
        """Take note of the back-stage status record that enrollment opened."""
        self._require(ApplicationNotArrived, State.ARRIVED)
        self.status_record_id = status_record_id
        self.blocking_reason = ""
        self._become(State.REGISTERED, Event.APPLICATION_REGISTERED)

    def block(self, *, reason: str) -> None:
        """Take note of why enrollment cannot register yet; both schools see it."""
        self._require(ApplicationNotArrived, State.ARRIVED)
        self.blocking_reason = reason
        self._happened(Event.APPLICATION_BLOCKED)

    def cancel(self, *, party: str, sealed_reason: bytes, today: date, policy: Policy) -> PlaceMove:
        """Cancel after a failed re-check within three months of arrival (JSLH, 41号令)."""
        self._require_back(party)
        self._require(ApplicationNotArrived, State.ARRIVED, State.REGISTERED)
        latest = (self.arrive_date or today) + timedelta(days=policy.recheck_days_max)
        if today > latest:
            raise RecheckOver(latest=str(latest))
        self.sealed_decision_reason = sealed_reason
        self._become(State.CANCELLED, Event.APPLICATION_CANCELLED)
        return PlaceMove(admitted=-1, lapsed=1)

    def withdraw(
        self, *, party: str, guardian_consented: bool, today: date, policy: Policy
    ) -> PlaceMove:
        """Withdraw at the applicant's written wish; who may still be a minor needs a guardian."""
        self._require_front(party)
        if self.state not in WITHDRAWABLE:
            raise ApplicationNotWithdrawable(state=self.state)
        # Only the year of birth is known here, so the year of the 18th birthday counts as minor.
        is_adult = today.year - self.birth_year > policy.adult_age_years
        if not is_adult and not guardian_consented:
            raise GuardianConsentMissing
        reserved = self.state in RESERVING
        self._become(State.WITHDRAWN, Event.APPLICATION_WITHDRAWN)
        return PlaceMove(reserved=-1, lapsed=1) if reserved else PlaceMove()

    def divert(self, *, party: str, diversion: Diversion) -> None:
        """Record the route (分流) of one who did not pass or gave up."""
        self._require_front(party)
        if self.state not in DIVERTIBLE:
            raise ApplicationNotDivertible(state=self.state)
        self.diversion = diversion
        self._become(State.DIVERTED, Event.APPLICATION_DIVERTED)

    def _last_arrival_date(self, batch: TransferBatch) -> date:
        if self.state is State.RETAINED and self.retained_until_date is not None:
            return self.retained_until_date
        return max(_arrival_deadline(batch), self.leave_until_date or date.min)

    def _require_front(self, party: str) -> None:
        if party != self.front:
            raise NotFrontSchool(party=party)

    def _require_back(self, party: str) -> None:
        if party != self.back:
            raise NotBackCollege(party=party)

    def _require(self, refusal: type[TransferRefusal], *states: State) -> None:
        if self.state not in states:
            raise refusal(state=self.state)

    def _become(self, state: State, event: Event) -> None:
        self.state = state
        self._happened(event)


def _require_registration_open(batch: TransferBatch) -> None:
    if batch.state is not transfer_batch.State.REGISTRATION_OPEN:
        raise RegistrationNotOpen(state=batch.state)


def _require_in_pathway(member: Member) -> None:
    if not member.is_in_pathway:
        raise MemberNotInPathway(state=member.state)


def _arrival_deadline(batch: TransferBatch) -> date:
    if batch.state is not transfer_batch.State.ARRIVAL_OPEN or batch.arrival_deadline_date is None:
        raise ArrivalNotOpen(state=batch.state, begin=str(batch.arrival_begin_date or ""))
    return batch.arrival_deadline_date
