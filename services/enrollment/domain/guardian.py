"""Guardians (监护人): who may see, correct and consent for a minor (未成年人网络保护条例 34)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.person_refusals import GuardianNotCurrent


class State(StrEnum):
    """States of a guardianship."""

    CURRENT = "CURRENT"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedGuardian:
    """Who the guardian is, sealed with the person's key: it goes when the person is erased."""

    display_name: bytes
    relation: bytes
    phone: bytes


@dataclass(kw_only=True)
class Guardian(Aggregate):
    """A guardian of one person."""

    id: UUID
    state: State
    person_id: UUID
    parties: list[str]
    sealed_display_name: bytes
    sealed_relation: bytes
    sealed_phone: bytes

    @classmethod
    def record(
        cls, sealed: SealedGuardian, *, new_id: UUID, person_id: UUID, parties: list[str]
    ) -> Self:
        """Record a guardian."""
        guardian = cls(
            id=new_id,
            state=State.CURRENT,
            person_id=person_id,
            parties=parties,
            sealed_display_name=sealed.display_name,
            sealed_relation=sealed.relation,
            sealed_phone=sealed.phone,
        )
        guardian._happened(Event.GUARDIAN_RECORDED)
        return guardian

    def end(self) -> None:
        """End the guardianship; consents that were given stay."""
        if self.state is not State.CURRENT:
            raise GuardianNotCurrent
        self.state = State.ENDED
        self._happened(Event.GUARDIAN_ENDED)
