"""The agreement of the two schools of a project: terms that both approved by their hash.

At most one revision of the terms is in force and at most one waits for approval. Whoever changes
the terms makes a new revision without approvals; the one in force stays so until both sides have
approved the other by exactly its hash. Contacts are facts beside the terms (agreement_contact).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain import pathway_project
from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.agreement_refusals import (
    AgreementEnding,
    AgreementNotInForce,
    AgreementPeriodReversed,
    NoExitNotice,
    NoTermsPending,
    NoticePeriodRunning,
    PathwayProjectEnded,
    TermsAlreadyApproved,
    TermsHashMismatch,
    TermsHeldByOtherSide,
    TermsUnchanged,
)
from services.enrollment.domain.agreement_terms import Terms, hash_of
from services.enrollment.domain.events import Event
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.refusals import NotBackCollege


class State(StrEnum):
    """States of an agreement."""

    NEGOTIATING = "NEGOTIATING"
    IN_FORCE = "IN_FORCE"
    EXITING = "EXITING"
    ENDED = "ENDED"


class RevisionState(StrEnum):
    """States of one revision of the terms."""

    PENDING = "PENDING"
    IN_FORCE = "IN_FORCE"
    # Changed before both had approved it: its approvals count for nothing.
    VOIDED = "VOIDED"
    # Replaced by a later one that both approved.
    SUPERSEDED = "SUPERSEDED"
    # In force to the end of the agreement.
    ENDED = "ENDED"


@dataclass(kw_only=True)
class Revision:
    """The terms as one side proposed them, and who approved them when."""

    number: int
    state: RevisionState
    document: str
    terms_hash: str
    proposed_by: str
    propose_time: datetime
    front_approve_time: datetime | None = None
    back_approve_time: datetime | None = None
    in_force_time: datetime | None = None
    end_time: datetime | None = None

    @property
    def is_approved_by_both(self) -> bool:
        """Whether both sides approved exactly these terms."""
        return self.front_approve_time is not None and self.back_approve_time is not None

    def close(self, state: RevisionState, *, now: datetime) -> Self:
        """End this revision."""
        self.state = state
        self.end_time = now
        return self


@dataclass(kw_only=True)
class CooperationAgreement(Aggregate):
    """What the back college and the front school of a project agreed on, and agree on next."""

    id: UUID
    state: State
    project_id: UUID
    front: str
    back: str
    revision_count: int = 0
    pending: Revision | None = None
    in_force: Revision | None = None
    # Whose turn it is, until when; None: nobody's.
    holder: str | None = None
    deadline_date: date | None = None
    exit_party: str | None = None
    exit_reason: str = ""
    exit_notice_date: date | None = None
    exit_date: date | None = None
    # Revisions that this command ended.
    closed: list[Revision] = field(default_factory=list)

    @classmethod
    def draft(
        cls,
        *,
        new_id: UUID,
        project: PathwayProject,
        terms: Terms,
        party: str,
        now: datetime,
        deadline_date: date,
    ) -> Self:
        """Draft the agreement of a project as its back college, the lead (牵头院校, JS18)."""
        if party != project.back:
            raise NotBackCollege(party=party)
        if project.state is pathway_project.State.CLOSED:
            raise PathwayProjectEnded
        _check_period(terms)
        agreement = cls(
            id=new_id,
            state=State.NEGOTIATING,
            project_id=project.id,
            front=project.front,
            back=project.back,
        )
        agreement._add_revision(terms, party=party, now=now, deadline_date=deadline_date)
        agreement._happened(Event.COOPERATION_AGREEMENT_DRAFTED)
        return agreement

    def propose(
        self, terms: Terms, *, party: str, now: datetime, today: date, deadline_date: date
    ) -> None:
        """Propose other terms: approvals of what waited for approval are void at once.

        While terms wait, only the side that has the turn may change them; a side that lets its
        deadline pass does not keep the other from going on.
        """
        self._check_not_ending()
        _check_period(terms)
        holder, until = self.holder, self.deadline_date
        if holder is not None and holder != party and until is not None and today <= until:
            raise TermsHeldByOtherSide(holder=holder, deadline_date=until.isoformat())
        present = self.pending or self.in_force
        terms_hash = hash_of(terms.canonical(self.project_id))
        if present is not None and present.terms_hash == terms_hash:
            raise TermsUnchanged(terms_hash=terms_hash)
        self._void_pending(now=now)
        self._add_revision(terms, party=party, now=now, deadline_date=deadline_date)
        self._happened(Event.AGREEMENT_TERMS_PROPOSED)

    def approve(self, *, terms_hash: str, party: str, now: datetime, deadline_date: date) -> None:
        """Approve the pending terms for one side, by their hash; in force once both have."""
        self._check_not_ending()
        pending = self.pending
        if pending is None:
            raise NoTermsPending
        if pending.terms_hash != terms_hash:
            raise TermsHashMismatch(approved=terms_hash, pending=pending.terms_hash)
        name = "front_approve_time" if party == self.front else "back_approve_time"
        if getattr(pending, name) is not None:
            raise TermsAlreadyApproved
        setattr(pending, name, now)
        if pending.is_approved_by_both:
            self._put_in_force(pending, now=now)
            self._happened(Event.COOPERATION_AGREEMENT_CONCLUDED)
            return
        other = self.back if party == self.front else self.front
        if self.holder != other:
            self.holder, self.deadline_date = other, deadline_date
        self._happened(Event.AGREEMENT_TERMS_APPROVED)

    def give_exit_notice(
        self, *, party: str, exit_reason: str, now: datetime, today: date, notice_days: int
    ) -> None:
        """Announce that one side leaves; terms that wait for approval are void."""
        if self.state is not State.IN_FORCE:
            raise AgreementNotInForce(state=self.state)
        self._void_pending(now=now)
        self.holder = self.deadline_date = None
        self.state = State.EXITING
        self.exit_party = party
        self.exit_reason = exit_reason
        self.exit_notice_date = today
        self.exit_date = today + timedelta(days=notice_days)
        self._happened(Event.EXIT_NOTICE_GIVEN)

    def withdraw_exit_notice(self, *, party: str) -> None:
        """Stay: what was in force is so still."""
        self._check_exit_of(party)
        self.state = State.IN_FORCE
        self.exit_party = self.exit_notice_date = self.exit_date = None
        self.exit_reason = ""
        self._happened(Event.EXIT_NOTICE_WITHDRAWN)

    def end(self, *, party: str, now: datetime, today: date) -> None:
        """End the agreement as who gave notice, once the notice period is over."""
        self._check_exit_of(party)
        if self.exit_date is not None and today < self.exit_date:
            raise NoticePeriodRunning(exit_date=self.exit_date.isoformat())
        if self.in_force is not None:
            self.closed.append(self.in_force.close(RevisionState.ENDED, now=now))
        self.in_force = None
        self.state = State.ENDED
        self._happened(Event.COOPERATION_AGREEMENT_ENDED)

    def _add_revision(
        self, terms: Terms, *, party: str, now: datetime, deadline_date: date
    ) -> None:
        document = terms.canonical(self.project_id)
        self.revision_count += 1
        self.pending = Revision(
            number=self.revision_count,
            state=RevisionState.PENDING,
            document=document,
            terms_hash=hash_of(document),
            proposed_by=party,
            propose_time=now,
        )
        self.holder = self.back if party == self.front else self.front
        self.deadline_date = deadline_date

    def _void_pending(self, *, now: datetime) -> None:
        if self.pending is not None:
            self.closed.append(self.pending.close(RevisionState.VOIDED, now=now))
            self.pending = None

    def _put_in_force(self, revision: Revision, *, now: datetime) -> None:
        if self.in_force is not None:
            self.closed.append(self.in_force.close(RevisionState.SUPERSEDED, now=now))
        revision.state = RevisionState.IN_FORCE
        revision.in_force_time = now
        self.in_force, self.pending = revision, None
        self.holder = self.deadline_date = None
        self.state = State.IN_FORCE

    def _check_not_ending(self) -> None:
        if self.state in {State.EXITING, State.ENDED}:
            raise AgreementEnding(state=self.state)

    def _check_exit_of(self, party: str) -> None:
        if self.state is not State.EXITING or self.exit_party != party:
            raise NoExitNotice


def _check_period(terms: Terms) -> None:
    if terms.valid_to_date < terms.valid_from_date:
        raise AgreementPeriodReversed(
            valid_from_date=terms.valid_from_date.isoformat(),
            valid_to_date=terms.valid_to_date.isoformat(),
        )
