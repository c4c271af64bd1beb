"""转段批次: one project's move from front to back stage in one year, from draft to close.

Sources of the steps: GK; of who takes them: JS18, SX16, SDjn, GD16. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.transfer.domain.aggregate import Aggregate
from services.transfer.domain.events import Event
from services.transfer.domain.policy import Policy
from services.transfer.domain.refusals import (
    ApplicationsUndecided,
    ArrivalDeadlinePassed,
    ArrivalPeriodReversed,
    NotAParty,
    NotBackCollege,
    NoticeNotOver,
    NoticeOver,
    NoticeTooShort,
    ObjectionOpen,
    PathwayProjectNotApproved,
    QuotaAbovePlan,
    SchemeAlreadySigned,
    SchemeNotSigned,
    TransferBatchStateWrong,
)
from services.transfer.domain.scheme import Scheme


class State(StrEnum):
    """States of a batch, in their order."""

    DRAFT = "DRAFT"
    PLAN_FILED = "PLAN_FILED"
    REGISTRATION_OPEN = "REGISTRATION_OPEN"
    QUALIFIED = "QUALIFIED"
    ASSESSED = "ASSESSED"
    SCORES_LOCKED = "SCORES_LOCKED"
    PROPOSED_PUBLISHED = "PROPOSED_PUBLISHED"
    REPORTED = "REPORTED"
    ADMITTED = "ADMITTED"
    ARRIVAL_OPEN = "ARRIVAL_OPEN"
    CLOSED = "CLOSED"


class Holder(StrEnum):
    """Who has to act now."""

    FRONT_SCHOOL = "FRONT_SCHOOL"
    BACK_COLLEGE = "BACK_COLLEGE"
    BOTH_SCHOOLS = "BOTH_SCHOOLS"
    EXAM_AUTHORITY = "EXAM_AUTHORITY"
    ENROLLMENT = "ENROLLMENT"
    NOBODY = "NOBODY"


_HOLDERS = {
    State.DRAFT: Holder.BOTH_SCHOOLS,
    State.REGISTRATION_OPEN: Holder.BOTH_SCHOOLS,
    State.REPORTED: Holder.EXAM_AUTHORITY,
    State.CLOSED: Holder.NOBODY,
}


def holder_of(state: State) -> Holder:
    """Return who has to act on a batch now."""
    return _HOLDERS.get(state, Holder.BACK_COLLEGE)


@dataclass(frozen=True, kw_only=True)
class Project:
    """What this service knows of a pathway project: its local copy."""

    id: UUID
    front: str
    back: str
    back_plan: int
    transfer_year: int
    is_approved: bool


@dataclass(frozen=True, kw_only=True)
class PlaceMove:
    """How a step moves places: the sum with `free` stays the quota."""

    reserved: int = 0
    admitted: int = 0
    lapsed: int = 0


@dataclass(kw_only=True)
class TransferBatch(Aggregate):
    """A batch; `reserved`, `admitted` and `lapsed` are counted beside its versions."""

    id: UUID
    state: State
    project_id: UUID
    front: str
    back: str
    transfer_year: int
    plan: int
    quota: int
    scheme: Scheme
    front_signed: bool = False
    back_signed: bool = False
    notice_begin_date: date | None = None
    notice_end_date: date | None = None
    approval_number: str = ""
    arrival_begin_date: date | None = None
    arrival_deadline_date: date | None = None
    reserved: int = 0
    admitted: int = 0
    lapsed: int = 0

    @classmethod
    def draft(
        cls, *, new_id: UUID, project: Project, quota: int, scheme: Scheme, party: str
    ) -> "TransferBatch":
        """Draft a batch for the back college (SX16: it drafts with the front school)."""
        if party != project.back:
            raise NotBackCollege(party=party)
        if not project.is_approved:
            raise PathwayProjectNotApproved
        if quota > project.back_plan:
            raise QuotaAbovePlan(quota=str(quota), plan=str(project.back_plan))
        scheme.check()
        batch = cls(
            id=new_id,
            state=State.DRAFT,
            project_id=project.id,
            front=project.front,
            back=project.back,
            transfer_year=project.transfer_year,
            plan=project.back_plan,
            quota=quota,
            scheme=scheme,
        )
        batch._happened(Event.TRANSFER_BATCH_DRAFTED)
        return batch

    @property
    def free(self) -> int:
        """Places not yet taken: plan = free + reserved + admitted + lapsed."""
        return self.quota - self.reserved - self.admitted - self.lapsed

    def sign(self, *, party: str) -> None:
        """Sign the scheme for one side; both must before it is filed."""
        self.require_state(State.DRAFT)
        if party == self.front:
            if self.front_signed:
                raise SchemeAlreadySigned
            self.front_signed = True
        elif party == self.back:
            if self.back_signed:
                raise SchemeAlreadySigned
            self.back_signed = True
        else:
            raise NotAParty(party=party)
        self._happened(Event.TRANSFER_SCHEME_SIGNED)

    def file_plan(self, *, party: str) -> None:
        """File scheme and quota with the province."""
        self._step(party, State.DRAFT)
        missing = [
            side
            for side, signed in ((self.front, self.front_signed), (self.back, self.back_signed))
            if not signed
        ]
        if missing:
            raise SchemeNotSigned(missing=", ".join(missing))
        self._become(State.PLAN_FILED, Event.TRANSFER_PLAN_FILED)

    def open_registration(self, *, party: str) -> None:
        self._step(party, State.PLAN_FILED)
        self._become(State.REGISTRATION_OPEN, Event.REGISTRATION_OPENED)

    def close_registration(self, *, party: str, undecided: Mapping[str, int]) -> None:
        """End registration; `undecided` counts applications by states that still wait."""
        self._step(party, State.REGISTRATION_OPEN)
        _refuse_undecided(undecided)
        self._become(State.QUALIFIED, Event.REGISTRATION_CLOSED)

    def close_assessment(self, *, party: str, undecided: Mapping[str, int]) -> None:
        self._step(party, State.QUALIFIED)
        _refuse_undecided(undecided)
        self._become(State.ASSESSED, Event.ASSESSMENT_CLOSED)

    def lock_scores(self, *, party: str) -> None:
        self._step(party, State.ASSESSED)
        self._become(State.SCORES_LOCKED, Event.SCORES_LOCKED)

    def publish_proposal(
        self,
        *,
        party: str,
        begin: date,
        end: date,
        today: date,
        policy: Policy,
        count_working_days: Callable[[date, date], int],
    ) -> None:
        """Publish the proposed list for `begin` to `end`, both included (SDjn).

        Days before today do not count: nobody could have objected then.
        """
        self._step(party, State.SCORES_LOCKED)
        days = count_working_days(max(begin, today), end) if begin <= end else 0
        if days < policy.notice_working_days_min:
            raise NoticeTooShort(days=str(days), minimum=str(policy.notice_working_days_min))
        self.notice_begin_date = begin
        self.notice_end_date = end
        self._become(State.PROPOSED_PUBLISHED, Event.PROPOSAL_PUBLISHED)

    def require_notice_running(self, today: date) -> None:
        """Refuse an objection outside the notice period."""
        self.require_state(State.PROPOSED_PUBLISHED)
        begin, end = self.notice_begin_date, self.notice_end_date
        if begin is None or end is None or not begin <= today <= end:
            raise NoticeOver(begin=str(begin), end=str(end))

    def report(self, *, party: str, today: date, open_objections: int) -> None:
        """Report the list to the exam authority once the notice is over."""
        self._step(party, State.PROPOSED_PUBLISHED)
        if self.notice_end_date is None or today <= self.notice_end_date:
            raise NoticeNotOver(end=str(self.notice_end_date))
        if open_objections:
            raise ObjectionOpen(count=str(open_objections))
        self._become(State.REPORTED, Event.TRANSFER_BATCH_REPORTED)

    def record_approval(self, *, party: str, approval_number: str) -> None:
        """Record the exam authority's approval (GD16, SDjn)."""
        self._step(party, State.REPORTED)
        self.approval_number = approval_number
        self._become(State.ADMITTED, Event.AUTHORITY_APPROVAL_RECORDED)

    def open_arrival(
        self, *, party: str, begin: date, deadline: date, today: date, undecided: Mapping[str, int]
    ) -> None:
        """Open arrival from a day, which may be over, to one that is not."""
        self._step(party, State.ADMITTED)
        if deadline < begin:
            raise ArrivalPeriodReversed(begin=str(begin), deadline=str(deadline))
        if deadline < today:
            raise ArrivalDeadlinePassed(deadline=str(deadline), today=str(today))
        _refuse_undecided(undecided)
        self.arrival_begin_date = begin
        self.arrival_deadline_date = deadline
        self._become(State.ARRIVAL_OPEN, Event.ARRIVAL_OPENED)

    def close(self, *, party: str, undecided: Mapping[str, int]) -> None:
        self._step(party, State.ARRIVAL_OPEN)
        _refuse_undecided(undecided)
        self._become(State.CLOSED, Event.TRANSFER_BATCH_CLOSED)

    def move_places(self, move: PlaceMove) -> None:
        """Move places between free, reserved, admitted and lapsed; the database checks the sum."""
        self.reserved += move.reserved
        self.admitted += move.admitted
        self.lapsed += move.lapsed

    def _step(self, party: str, state: State) -> None:
        if party != self.back:
            raise NotBackCollege(party=party)
        self.require_state(state)

    def require_state(self, state: State) -> None:
        """Refuse unless the batch is in this state."""
        if self.state != state:
            raise TransferBatchStateWrong(actual=self.state, expected=state)

    def _become(self, state: State, event: Event) -> None:
        self.state = state
        self._happened(event)


def _refuse_undecided(undecided: Mapping[str, int]) -> None:
    waiting = {state: count for state, count in undecided.items() if count}
    if waiting:
        raise ApplicationsUndecided(
            count=str(sum(waiting.values())), states=", ".join(sorted(waiting))
        )
