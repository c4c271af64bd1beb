"""What is known of a cooperation, and what each of its transitions asks before it changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.agreement_terms import Document
from services.enrollment.domain.cooperation_parts import (
    SCHOOLS,
    Agreement,
    Body,
    Contribution,
    DatedGrade,
    Kind,
    Party,
    Period,
    Role,
)
from services.enrollment.domain.cooperation_refusals import (
    CooperationFactsWrong,
    CooperationMemberWrong,
    CooperationNotAtStep,
    OutsideAgreementPeriod,
    PartyNotEntitled,
)
from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Organisation

Organisations = Mapping[str, Organisation]


class State(StrEnum):
    """States of a cooperation."""

    DRAFTED = "DRAFTED"
    SIGNED = "SIGNED"
    IN_FORCE = "IN_FORCE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


@dataclass(kw_only=True)
class CooperationFacts(Aggregate):
    """A cooperation; its parties see it, and those that have left."""

    id: UUID
    state: State
    kind: Kind
    display_name: str
    parties: list[Party]
    agreement: Agreement | None
    documents: list[Document] = field(default_factory=list)
    class_name: str = ""
    student_count: int = 0
    grades: list[DatedGrade] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    in_force_periods: list[Period] = field(default_factory=list)
    # Whose turn it is; None: nobody's.
    holder: str | None = None
    reason: str = ""
    drafted_by: str

    def is_in_force(self, on: date) -> bool:
        """Whether it was in force on a day: within the agreement's days too."""
        held = any(each.holds(on) for each in self.in_force_periods)
        return held and (self.agreement is None or _is_within(self.agreement, on))

    def find_party(self, organisation: str) -> Party | None:
        """Return the party that takes part, or None."""
        found = (each for each in self.parties if each.organisation == organisation)
        return next((each for each in found if each.is_present), None)

    @property
    def audience(self) -> list[str]:
        """Return who sees it: who takes part, and who did."""
        return list(dict.fromkeys(each.organisation for each in self.parties))

    @property
    def schools(self) -> list[str]:
        """Return the schools and colleges that take part: they see its roster."""
        return [each.organisation for each in self.parties if each.is_present and _is_school(each)]

    @property
    def enterprises(self) -> list[str]:
        """Return the enterprises that take part."""
        present = (each for each in self.parties if each.is_present)
        return [each.organisation for each in present if each.role is Role.ENTERPRISE]

    def _settle(self, event: Event) -> None:
        """Say whose turn it is after a change."""
        awaited = next((each.organisation for each in self.parties if each.is_awaited), None)
        if self.state in {State.DRAFTED, State.SIGNED}:
            self.state = State.SIGNED if awaited is None else State.DRAFTED
            self.holder = awaited or self.drafted_by
        else:
            self.holder = None if self.state is State.ENDED else awaited
        self._happened(event)

    def _put_in_force(self, organisations: Organisations, *, today: date) -> None:
        agreement = self.agreement
        if agreement is not None and not _is_within(agreement, today):
            raise OutsideAgreementPeriod(
                date=today.isoformat(),
                valid_from_date=agreement.valid_from_date.isoformat(),
                valid_to_date=agreement.valid_to_date.isoformat(),
            )
        for each in self.parties:
            if each.is_present:
                organisations[each.organisation].check_open_to_new(on=today)
        self.state = State.IN_FORCE
        self.in_force_periods = [*self.in_force_periods, Period(valid_from_date=today)]

    def _close_period(self, today: date) -> None:
        self.in_force_periods = [
            replace(each, until_date=today) if each.until_date is None else each
            for each in self.in_force_periods
        ]

    def _replace(self, party: Party) -> None:
        self.parties = [
            party if each.organisation == party.organisation and each.is_present else each
            for each in self.parties
        ]

    def _check_leads_without(self, leaving: Party) -> None:
        """Refuse to leave a consortium without a leading enterprise or a leading school (S0)."""
        rest = [each for each in self.parties if each.is_present and each is not leaving]
        leads = {each.role for each in rest if each.is_lead}
        if not (leads & SCHOOLS and Role.ENTERPRISE in leads):
            raise member_wrong(leaving.organisation, "it is the last of its side that leads")

    def _check_consortium(self, party: str) -> None:
        found = self._check_present(party)
        self._check_kind_and_open()
        if not found.is_lead:
            raise PartyNotEntitled(party=party, problem="a leading party")

    def _check_kind_and_open(self) -> None:
        if self.kind is not Kind.COMMUNITY:
            raise CooperationFactsWrong(kind=self.kind, problem="no consortium")
        self._check_not_ended()

    def _check_school(self, party: str) -> None:
        if not _is_school(self._check_present(party)):
            raise PartyNotEntitled(party=party, problem="a school or college")

    def _check_present(self, party: str) -> Party:
        found = self.find_party(party)
        if found is None:
            raise PartyNotEntitled(party=party, problem="a present party")
        return found

    def _check_state(self, *states: State) -> None:
        if self.state not in states:
            raise CooperationNotAtStep(state=self.state)

    def _check_not_ended(self) -> None:
        if self.state is State.ENDED:
            raise CooperationNotAtStep(state=self.state)


def _is_school(party: Party) -> bool:
    return party.role in SCHOOLS


def _is_within(agreement: Agreement, on: date) -> bool:
    return agreement.valid_from_date <= on <= agreement.valid_to_date


def member_wrong(organisation: str, problem: str) -> CooperationMemberWrong:
    return CooperationMemberWrong(name=f"organisations/{organisation}", problem=problem)
