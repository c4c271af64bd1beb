"""合作: what several organisations agreed to do together, from its draft to its end.

A draft waits for the signatures of all who must sign; a signature is of one document, and another
document voids all. What is signed is put in force by a school, and is so until it is suspended or
ended. Whether parties and facts fit the kind is said in cooperation_kinds. An articulation is one
of the kinds, and leads to no application: it carries no quota (S0: 衔接合作).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from uuid import UUID

from services.enrollment.domain.agreement_terms import Document
from services.enrollment.domain.cooperation_facts import (
    CooperationFacts,
    Organisations,
    State,
    member_wrong,
)
from services.enrollment.domain.cooperation_kinds import (
    check_entrant,
    check_facts,
    check_parties,
)
from services.enrollment.domain.cooperation_parts import (
    GRADES,
    ROSTERS,
    Agreement,
    Body,
    BodyKind,
    Contribution,
    DatedGrade,
    Entrant,
    Grade,
    Kind,
    Party,
    Role,
)
from services.enrollment.domain.cooperation_refusals import (
    CooperationAgreementMissing,
    CooperationAlreadySigned,
    CooperationBodyWrong,
    CooperationFactsWrong,
    CooperationFull,
    CooperationHasNoRoster,
    CooperationPartiesWrong,
    CooperationPeriodReversed,
    GradeStepWrong,
    NotSignatory,
    PupilDatesWrong,
    SignaturePaperMissing,
    SignedDocumentMismatch,
)
from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Organisation


@dataclass(kw_only=True)
class Cooperation(CooperationFacts):
    """What its parties may do with a cooperation."""

    @classmethod
    def draft(
        cls,
        *,
        new_id: UUID,
        kind: Kind,
        display_name: str,
        entrants: Sequence[Entrant],
        organisations: Organisations,
        agreement: Agreement | None,
        documents: Sequence[Document],
        class_name: str,
        student_count: int,
        grade: Grade | None,
        party: str,
        today: date,
    ) -> Self:
        """Draft a cooperation as one of its schools, colleges or bureaus."""
        for each in entrants:
            check_entrant(each, organisations.get(each.organisation))
        check_parties(kind, entrants)
        check_facts(kind, class_name=class_name, student_count=student_count, grade=grade)
        if agreement is not None:
            _check_period(agreement)
        cooperation = cls(
            id=new_id,
            state=State.DRAFTED,
            kind=kind,
            display_name=display_name,
            parties=[Party.enter(each, on=today) for each in entrants],
            agreement=agreement,
            documents=list(documents),
            class_name=class_name,
            student_count=student_count,
            grades=[DatedGrade(grade=grade, valid_from_date=today)] if grade else [],
            drafted_by=party,
        )
        drafter = cooperation.find_party(party)
        if drafter is None or drafter.role is Role.ENTERPRISE:
            name = f"organisations/{party}"
            raise CooperationPartiesWrong(name=name, problem="who drafts is no school of it")
        for each in entrants:
            organisations[each.organisation].check_open_to_new(on=today)
        cooperation._settle(Event.COOPERATION_DRAFTED)
        return cooperation

    def attach_agreement(self, agreement: Agreement, *, party: str) -> None:
        """Put an agreement under a draft: signatures under another one are void at once."""
        self._check_state(State.DRAFTED, State.SIGNED)
        self._check_school(party)
        _check_period(agreement)
        self.agreement = agreement
        self.state = State.DRAFTED
        self.parties = [
            replace(each, sign_date=None, signature_recorder="", signature_sha256="")
            for each in self.parties
        ]
        self._settle(Event.COOPERATION_AGREEMENT_ATTACHED)

    def sign(
        self,
        *,
        party: str,
        enterprise: str,
        organisations: Organisations,
        agreement_sha256: str,
        paper_sha256: str,
        today: date,
    ) -> None:
        """Sign as a party, or record as a school what an enterprise signed on paper.

        An organisation that is blocked, or has ended, signs nothing: nor does anybody for it.
        """
        self._check_not_ended()
        signer = self.find_party(enterprise or party)
        name = f"organisations/{enterprise or party}"
        if enterprise not in {"", party}:
            self._check_school(party)
            if signer is None or signer.role is not Role.ENTERPRISE:
                raise NotSignatory(name=name)
            if not paper_sha256:
                raise SignaturePaperMissing
        if signer is None or not signer.must_sign:
            raise NotSignatory(name=name)
        if not signer.is_awaited:
            raise CooperationAlreadySigned(name=name)
        attached = self.agreement.sha256 if self.agreement else ""
        if agreement_sha256 != attached:
            raise SignedDocumentMismatch(signed=agreement_sha256 or "-", attached=attached or "-")
        organisations[signer.organisation].check_open_to_new(on=today)
        self._replace(
            replace(
                signer, sign_date=today, signature_recorder=party, signature_sha256=paper_sha256
            )
        )
        self._settle(Event.COOPERATION_SIGNED)

    def start(
        self,
        *,
        party: str,
        organisations: Organisations,
        obligatory: Collection[str],
        today: date,
    ) -> None:
        """Put in force what all have signed who must; some kinds need an agreement.

        An apprenticeship is never in force without one (LAW 职业教育法 art 30; S0).
        """
        self._check_school(party)
        # Said first: who lacks the agreement would gather signatures for nothing.
        if self.kind in obligatory and self.agreement is None:
            raise CooperationAgreementMissing(kind=self.kind)
        self._check_state(State.SIGNED)
        self._put_in_force(organisations, today=today)
        self._settle(Event.COOPERATION_STARTED)

    def suspend(self, *, party: str, reason: str, today: date) -> None:
        """Put out of force for a time, as any party."""
        self._check_present(party)
        self._check_state(State.IN_FORCE)
        self.state = State.SUSPENDED
        self.reason = reason
        self._close_period(today)
        self._settle(Event.COOPERATION_SUSPENDED)

    def resume(self, *, party: str, organisations: Organisations, today: date) -> None:
        """Put in force again, as a school or college."""
        self._check_school(party)
        self._check_state(State.SUSPENDED)
        self._put_in_force(organisations, today=today)
        self.reason = ""
        self._settle(Event.COOPERATION_RESUMED)

    def end(self, *, party: str, reason: str, today: date) -> None:
        """End for good, as any party; a draft too."""
        self._check_present(party)
        self._check_not_ended()
        self.state = State.ENDED
        self.reason = reason
        self._close_period(today)
        self._settle(Event.COOPERATION_ENDED)

    def change_grade(self, grade: Grade, *, party: str, today: date) -> None:
        """Grade an enterprise college, as its college: no enterprise raises its own grade.

        It rises by one grade at a time and only while it is in force; it may fall to any (GK:
        S0 names the three grades and not who gives them).
        """
        if self.kind is not Kind.ENTERPRISE_COLLEGE:
            raise CooperationFactsWrong(kind=self.kind, problem="the grade")
        self._check_school(party)
        self._check_state(State.IN_FORCE, State.SUSPENDED)
        present = self.grades[-1].grade
        steps_up = GRADES.index(present) - GRADES.index(grade)
        may_rise = self.state is State.IN_FORCE
        if steps_up == 0 or steps_up > may_rise:
            raise GradeStepWrong(actual=present, expected=grade)
        earlier = [each for each in self.grades if each.valid_from_date < today]
        self.grades = [*earlier, DatedGrade(grade=grade, valid_from_date=today)]
        self._settle(Event.COOPERATION_GRADE_CHANGED)

    def form_body(
        self, kind: BodyKind, *, head: str, members: Sequence[str], party: str, today: date
    ) -> None:
        """Form one of a consortium's three bodies (S2), or form it anew, as a party that leads."""
        self._check_consortium(party)
        if len(set(members)) < len(members):
            raise CooperationBodyWrong(problem="one is named twice")
        if head not in members:
            raise CooperationBodyWrong(problem="its head is no member of it")
        if any(self.find_party(each) is None for each in members):
            raise CooperationBodyWrong(problem="a member is no party")
        others = [each for each in self.bodies if each.kind is not kind]
        body = Body(kind=kind, head_organisation=head, members=tuple(members), form_date=today)
        order = list(BodyKind)
        self.bodies = sorted([*others, body], key=lambda each: order.index(each.kind))
        self._settle(Event.COOPERATION_BODY_FORMED)

    def add_member(
        self, entrant: Entrant, *, organisation: Organisation | None, party: str, today: date
    ) -> None:
        """Take another organisation into a consortium; it signs in its turn."""
        self._check_consortium(party)
        check_entrant(entrant, organisation)
        if self.find_party(entrant.organisation) is not None:
            raise member_wrong(entrant.organisation, "it takes part already")
        if organisation is not None:
            organisation.check_open_to_new(on=today)
        self.parties = [*self.parties, Party.enter(entrant, on=today)]
        self._settle(Event.COOPERATION_MEMBER_ADDED)

    def remove_member(self, member: str, *, party: str, today: date) -> None:
        """Let an organisation leave a consortium: as itself, or as a party that leads."""
        if member == party:
            self._check_present(party)
            self._check_kind_and_open()
        else:
            self._check_consortium(party)
        leaving = self.find_party(member)
        if leaving is None:
            raise member_wrong(member, "it takes no part")
        if any(each.head_organisation == member for each in self.bodies):
            raise member_wrong(member, "it heads a body")
        self._check_leads_without(leaving)
        self._replace(replace(leaving, leave_date=today))
        self.bodies = [
            replace(each, members=tuple(one for one in each.members if one != member))
            for each in self.bodies
        ]
        self._settle(Event.COOPERATION_MEMBER_REMOVED)

    def count_items(self, contribution: Contribution) -> None:
        """Record what a party has in a shared library, and how much it uses it (S0)."""
        self._check_present(contribution.organisation)
        if self.kind is not Kind.RESOURCE_LIBRARY:
            raise CooperationFactsWrong(kind=self.kind, problem="no library")
        self._check_state(State.IN_FORCE)
        party = contribution.organisation
        others = [each for each in self.contributions if each.organisation != party]
        self.contributions = [*others, contribution]
        self._settle(Event.LIBRARY_ITEMS_COUNTED)

    def check_may_join(
        self, *, party: str, join_date: date, today: date, on_roster_count: int
    ) -> None:
        """Raise a refusal unless a school may add a pupil to the roster from a day on."""
        if self.kind not in ROSTERS:
            raise CooperationHasNoRoster(kind=self.kind)
        self._check_school(party)
        self._check_state(State.IN_FORCE)
        if join_date > today:
            raise PupilDatesWrong(date=join_date.isoformat(), problem="it lies ahead")
        if not self.is_in_force(join_date):
            raise PupilDatesWrong(date=join_date.isoformat(), problem="not in force")
        if self.student_count and on_roster_count >= self.student_count:
            raise CooperationFull(student_count=str(self.student_count))


def _check_period(agreement: Agreement) -> None:
    if agreement.valid_to_date < agreement.valid_from_date:
        raise CooperationPeriodReversed(
            valid_from_date=agreement.valid_from_date.isoformat(),
            valid_to_date=agreement.valid_to_date.isoformat(),
        )
