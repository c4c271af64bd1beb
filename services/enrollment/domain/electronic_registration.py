"""Electronic registrations (学籍电子注册): filed in a window, and only 核准 gives 学籍 (XJE)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.policies import Place, PolicyTable
from services.enrollment.domain.refusals import NotRecordHolder, StudentNotInSchool
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_refusals import (
    ElectronicRegistrationAlreadyFiled,
    ElectronicRegistrationNotFiled,
    NotRegistrationApprover,
    RegistrationWindowClosed,
)
from services.enrollment.domain.terms import begins_of_terms


class State(StrEnum):
    """States of a registration."""

    FILED = "FILED"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"


class Season(StrEnum):
    """Windows of a year."""

    AUTUMN = "AUTUMN"
    SPRING = "SPRING"


class ReturnReason(StrEnum):
    """Why a registration goes back to the school."""

    DOCUMENTS_MISSING = "DOCUMENTS_MISSING"
    IDENTITY_UNCLEAR = "IDENTITY_UNCLEAR"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    ADMISSION_NOT_FOUND = "ADMISSION_NOT_FOUND"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when to when, both days included, a season's registrations are filed."""

    season: Season
    year: int
    first_date: date
    last_date: date


@dataclass(kw_only=True)
class ElectronicRegistration(Aggregate):
    """The filing of one status record."""

    id: UUID
    state: State
    status_record_id: UUID
    person_id: UUID
    organisation: str
    front: str
    back: str
    approver: str
    season: Season
    year: int
    file_date: date
    decide_date: date | None = None
    return_reason: ReturnReason | None = None

    @classmethod
    def file(
        cls,
        record: StatusRecord,
        *,
        new_id: UUID,
        party: str,
        approver: str,
        window: Window,
        today: date,
    ) -> Self:
        """File a student in school; who is registered is not registered again (XJE)."""
        if party != record.organisation:
            raise NotRecordHolder(party=party)
        if record.state is not RecordState.IN_SCHOOL:
            raise StudentNotInSchool(state=record.state)
        if record.register_date is not None:
            raise ElectronicRegistrationAlreadyFiled(name=f"statusRecords/{record.id}")
        registration = cls(
            id=new_id,
            state=State.FILED,
            status_record_id=record.id,
            person_id=record.person_id,
            organisation=record.organisation,
            front=record.front,
            back=record.back,
            approver=approver,
            season=window.season,
            year=window.year,
            file_date=today,
        )
        registration._happened(Event.ELECTRONIC_REGISTRATION_FILED)
        return registration

    @property
    def parties(self) -> list[str]:
        """Who may see it."""
        return list(dict.fromkeys((self.organisation, self.front, self.back, self.approver)))

    def approve(self, *, party: str, today: date) -> None:
        """核准."""
        self._check(party)
        self.state = State.APPROVED
        self.decide_date = today
        self._happened(Event.ELECTRONIC_REGISTRATION_APPROVED)

    def send_back(self, *, party: str, today: date, return_reason: ReturnReason) -> None:
        """Return it to the school, which may file again."""
        self._check(party)
        self.state = State.RETURNED
        self.decide_date = today
        self.return_reason = return_reason
        self._happened(Event.ELECTRONIC_REGISTRATION_RETURNED)

    def reassign(self, *, person_id: UUID) -> None:
        """Follow the record to another person."""
        self.person_id = person_id
        self._happened(Event.ELECTRONIC_REGISTRATION_REASSIGNED)

    def _check(self, party: str) -> None:
        if party != self.approver:
            raise NotRegistrationApprover(approver=self.approver, party=party)
        if self.state is not State.FILED:
            raise ElectronicRegistrationNotFiled(state=self.state)


def open_window(policies: PolicyTable, *, on: date, place: Place) -> Window:
    """Return the window that is open: autumn to 20 Nov, spring to 20 Apr (XJE).

    Raises RegistrationWindowClosed, which names the next.
    """
    begins = policies.texts("status.term_begin_dates", on=on, place=place)
    windows = []
    for year in (on.year - 1, on.year, on.year + 1):
        for season, begin in zip(Season, begins_of_terms(year, begins), strict=False):
            name = f"status.{season.lower()}_registration_deadline"
            deadline = policies.month_day(name, on=on, place=place)
            windows.append(
                Window(
                    season=season,
                    year=begin.year,
                    first_date=begin,
                    last_date=deadline.of(begin.year),
                )
            )
    following = min(
        (each for each in windows if on <= each.last_date), key=lambda each: each.last_date
    )
    if on < following.first_date:
        raise RegistrationWindowClosed(
            first=following.first_date.isoformat(), last=following.last_date.isoformat()
        )
    return following
