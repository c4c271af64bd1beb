"""去向: where a graduate went, as one survey found it.

A placement is a chain of versions, none of which is ever changed: it is recorded, and confirmed
by another person. Surveys are repeated: each is another placement, and of a graduate the newest by
its day counts. A wrong one is corrected by another, and stays to be read. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.placement_refusals import (
    ConfirmerIsRecorder,
    CorrectedPlacementWrong,
    NotGraduate,
    PlacementAlreadyConfirmed,
    PlacementFactsWrong,
    SurveyDateWrong,
)
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.domain.status_record import StatusRecord


class State(StrEnum):
    """States of a placement."""

    RECORDED = "RECORDED"
    CONFIRMED = "CONFIRMED"


class Destination(StrEnum):
    """Destinations of graduates."""

    EMPLOYED = "EMPLOYED"
    FURTHER_STUDY = "FURTHER_STUDY"
    ARMY = "ARMY"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    OTHER = "OTHER"
    UNEMPLOYED = "UNEMPLOYED"
    UNKNOWN = "UNKNOWN"


class Match(StrEnum):
    """Whether the work fits the major (专业对口)."""

    MATCHED = "MATCHED"
    NOT_MATCHED = "NOT_MATCHED"


class Source(StrEnum):
    """Where it is known from."""

    SCHOOL_SURVEY = "SCHOOL_SURVEY"
    SELF_REPORT = "SELF_REPORT"
    EMPLOYER = "EMPLOYER"
    CONTRACT = "CONTRACT"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE"
    AUTHORITY = "AUTHORITY"


# 直接就业: 进入企事业单位就业 and 从事个体经营 (ZZJY).
WORKING: Final = frozenset({Destination.EMPLOYED, Destination.SELF_EMPLOYED})
_SOMEWHERE: Final = frozenset({Destination.EMPLOYED, Destination.FURTHER_STUDY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a survey found, in clear: it is checked, and then sealed."""

    destination: Destination
    # A registered organisation, or a name.
    employer: str
    employer_name: str
    post: str
    region_code: str
    match: Match | None
    match_reason: str
    # 0: not known.
    pay_fen: int

    def check(self) -> None:
        """Raise the refusal of the first value that does not fit the destination."""
        works = self.destination in WORKING
        is_explained = bool(self.match) is works and bool(self.match_reason) is works
        rules = {
            "no employer or school": self.destination in _SOMEWHERE
            and not (self.employer or self.employer_name),
            "no post": self.destination is Destination.EMPLOYED and not self.post,
            "no region of work": works and not self.region_code,
            "whether the work fits, and why": not is_explained,
            "post or pay without work": not works and bool(self.post or self.pay_fen),
        }
        for problem, is_broken in rules.items():
            if is_broken:
                raise PlacementFactsWrong(problem=problem)

    def values(self) -> Mapping[str, str]:
        """Return what is personal of it as texts, by field; what is not known is left out."""
        texts = {
            "destination": f"DESTINATION_{self.destination}",
            "employer": f"organisations/{self.employer}" if self.employer else "",
            "employer_name": self.employer_name,
            "post": self.post,
            "region_code": self.region_code,
            "match": f"MATCH_{self.match}" if self.match else "",
            "match_reason": self.match_reason,
            "pay_fen": str(self.pay_fen) if self.pay_fen else "",
        }
        return {name: text for name, text in texts.items() if text}


@dataclass(kw_only=True)
class Placement(Aggregate):
    """One version of a placement: what is known of it from a day on."""

    id: UUID
    state: State
    # The day from which this version is what is known.
    record_date: date
    person_id: UUID
    status_record_id: UUID
    organisation: str
    recorded_by: str
    confirmed_by: str = ""
    survey_date: date
    source: Source
    evidence_sha256: str
    # The placement that counts no more once this one is confirmed.
    corrected_id: UUID | None
    # What is counted; under an id that leads to no name.
    destination: Destination
    match: Match | None
    # What leaves the service, by field, sealed with the graduate's key.
    sealed: Mapping[str, bytes]

    @classmethod
    def record(
        cls,
        finding: Finding,
        sealed: Mapping[str, bytes],
        *,
        new_id: UUID,
        record: StatusRecord,
        party: str,
        actor: str,
        survey_date: date,
        source: Source,
        evidence_sha256: str,
        corrected: "Placement | None",
        today: date,
    ) -> Self:
        """Record what a survey found of a graduate of the own school (GK)."""
        if party != record.organisation:
            raise NotRecordHolder(party=party)
        if survey_date > today:
            raise SurveyDateWrong(survey_date=survey_date.isoformat())
        is_graduate = record.state is RecordState.GRADUATED and record.graduate_date is not None
        if not is_graduate or survey_date <= (record.graduate_date or survey_date):
            raise NotGraduate(state=record.state, survey_date=survey_date.isoformat())
        finding.check()
        if corrected is not None and corrected.status_record_id != record.id:
            raise CorrectedPlacementWrong(corrected_placement=f"placements/{corrected.id}")
        placement = cls(
            id=new_id,
            state=State.RECORDED,
            record_date=today,
            person_id=record.person_id,
            status_record_id=record.id,
            organisation=party,
            recorded_by=actor,
            survey_date=survey_date,
            source=source,
            evidence_sha256=evidence_sha256,
            corrected_id=corrected.id if corrected else None,
            destination=finding.destination,
            match=finding.match,
            sealed=sealed,
        )
        placement._happened(Event.PLACEMENT_RECORDED)
        return placement

    def confirm(self, *, actor: str, today: date) -> None:
        """Confirm it, as another person of the school than who recorded it (GK)."""
        if self.state is not State.RECORDED:
            raise PlacementAlreadyConfirmed
        if actor == self.recorded_by:
            raise ConfirmerIsRecorder
        self.state = State.CONFIRMED
        self.confirmed_by = actor
        self.record_date = today
        self._happened(Event.PLACEMENT_CONFIRMED)
