"""指标: what a pairing promised, and what came of it, counted from events (GK). Pure.

Nobody types the value reached: it is the number of pieces of evidence that count.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.assistance.domain.events import Event
from services.assistance.domain.pairing import Pairing
from services.assistance.domain.refusals import NotAPairingParty
from services.assistance.domain.registration import SchoolPair


class Kind(StrEnum):
    """What is counted."""

    STUDENTS_REGISTERED = "STUDENTS_REGISTERED"


@dataclass(kw_only=True)
class Indicator:
    """An indicator; helper, receiver and office are those of its pairing, which never change."""

    id: UUID
    version: int = 0
    event: Event | None = None
    pairing_id: UUID
    helper: str
    receiver: str
    office: str
    kind: Kind
    target: int
    actual: int

    @classmethod
    def set_for(
        cls, pairing: Pairing, *, new_id: UUID, kind: Kind, target: int, counted: int, party: str
    ) -> "Indicator":
        """Set a target for a pairing, by the office that keeps it.

        `counted` is the evidence that was there before.
        """
        if party != pairing.office:
            raise NotAPairingParty(office=pairing.office, party=party)
        indicator = cls(
            id=new_id,
            pairing_id=pairing.id,
            helper=pairing.helper,
            receiver=pairing.receiver,
            office=pairing.office,
            kind=kind,
            target=target,
            actual=counted,
        )
        indicator._happened(Event.INDICATOR_SET)
        return indicator

    def count(self, *, added: int, withdrawn: int) -> None:
        """Follow its evidence: pieces that were added, and pieces that were taken back."""
        self.actual += added - withdrawn
        assert self.actual >= 0, "more withdrawn than counted"  # noqa: S101 - a defect, as below
        self._happened(Event.INDICATOR_COUNTED)

    @property
    def schools(self) -> SchoolPair:
        """Whose registrations it counts; there are none between the bureaus of two regions."""
        return SchoolPair(helper=self.helper, receiver=self.receiver)

    def _happened(self, event: Event) -> None:
        assert self.event is None, "one change a command"  # noqa: S101 - a defect, not a refusal
        self.version += 1
        self.event = event
