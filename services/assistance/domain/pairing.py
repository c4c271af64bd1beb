"""结对: who helps whom, under which programme, kept by which office (GK). Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.assistance.domain.events import Event
from services.assistance.domain.refusals import HelperIsReceiver, NotAPairingOffice, RegionPairWrong
from services.assistance.domain.registration import SchoolPair


class State(StrEnum):
    """States of a pairing."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class Level(StrEnum):
    """What is paired."""

    REGION = "REGION"
    SCHOOL = "SCHOOL"


class Programme(StrEnum):
    """Assistance programmes (GK): 南北挂钩, 东西部协作, 对口支援, 对口合作, 组团式, 校际."""

    NORTH_SOUTH = "NORTH_SOUTH"
    EAST_WEST = "EAST_WEST"
    COUNTERPART_SUPPORT = "COUNTERPART_SUPPORT"
    COUNTERPART_COOPERATION = "COUNTERPART_COOPERATION"
    TEAM_STYLE = "TEAM_STYLE"
    INTER_SCHOOL = "INTER_SCHOOL"


# Regions are paired by those who act for them: S0 pairs 苏州 with 宿迁 through a zone.
_KINDS = {
    Level.REGION: frozenset({"EDUCATION_BUREAU", "ASSISTANCE_OFFICE", "ZONE"}),
    Level.SCHOOL: frozenset(
        {
            "SECONDARY_VOCATIONAL",
            "HIGHER_VOCATIONAL",
            "UNIVERSITY",
            "FIVE_YEAR_VOCATIONAL",
            "TECHNICIAN",
        }
    ),
}


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """What this service knows of an organisation: its local copy."""

    id: str
    kind: str


@dataclass(kw_only=True)
class Pairing:
    """A pairing of two organisations; parties by their ids."""

    id: UUID
    version: int = 0
    event: Event | None = None
    state: State
    level: Level
    programme: Programme
    helper: str
    receiver: str
    office: str
    agreement_number: str
    begin_date: date
    made_up: bool

    @classmethod
    def create(
        cls,
        *,
        new_id: UUID,
        level: Level,
        programme: Programme,
        helper: Organisation,
        receiver: Organisation,
        agreement_number: str,
        begin_date: date,
        made_up: bool,
        office: Organisation,
    ) -> "Pairing":
        """Record a pairing; who records it becomes the office that keeps it.

        One of the two may, and the bodies that run assistance programmes (S0: 苏州市教育局).
        """
        if office.kind not in _KINDS[Level.REGION] and office.id not in {helper.id, receiver.id}:
            raise NotAPairingOffice(party=office.id, organisation_kind=office.kind)
        if helper.id == receiver.id:
            raise HelperIsReceiver(party=helper.id)
        for organisation in (helper, receiver):
            if organisation.kind not in _KINDS[level]:
                raise RegionPairWrong(
                    party=organisation.id, organisation_kind=organisation.kind, level=level
                )
        pairing = cls(
            id=new_id,
            state=State.ACTIVE,
            level=level,
            programme=programme,
            helper=helper.id,
            receiver=receiver.id,
            office=office.id,
            agreement_number=agreement_number,
            begin_date=begin_date,
            made_up=made_up,
        )
        pairing._happened(Event.PAIRING_CREATED)
        return pairing

    @property
    def schools(self) -> SchoolPair:
        """Whose registrations its indicators count."""
        return SchoolPair(helper=self.helper, receiver=self.receiver)

    @property
    def parties(self) -> frozenset[str]:
        """Who may see the pairing and its indicators."""
        return frozenset({self.helper, self.receiver, self.office})

    def _happened(self, event: Event) -> None:
        assert self.event is None, "one change a command"  # noqa: S101 - a defect, not a refusal
        self.version += 1
        self.event = event
