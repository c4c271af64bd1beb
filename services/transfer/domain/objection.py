"""异议: an objection to a proposed applicant, raised while the notice runs."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.transfer.domain.aggregate import Aggregate
from services.transfer.domain.application import Application
from services.transfer.domain.events import Event
from services.transfer.domain.refusals import (
    NotAParty,
    NotBackCollege,
    ObjectionAlreadyResolved,
    SelfResolution,
)


class State(StrEnum):
    """States of an objection."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"


@dataclass(kw_only=True)
class Objection(Aggregate):
    """An objection; either school may record one, the back college decides."""

    id: UUID
    state: State
    application_id: UUID
    batch_id: UUID
    person_id: UUID
    front: str
    back: str
    sealed_ground: bytes
    sealed_decision: bytes = b""
    raised_by: str

    @classmethod
    def raise_against(
        cls,
        *,
        new_id: UUID,
        application: Application,
        sealed_ground: bytes,
        party: str,
        actor: str,
    ) -> "Objection":
        if party not in {application.front, application.back}:
            raise NotAParty(party=party)
        objection = cls(
            id=new_id,
            state=State.OPEN,
            application_id=application.id,
            batch_id=application.batch_id,
            person_id=application.person_id,
            front=application.front,
            back=application.back,
            sealed_ground=sealed_ground,
            raised_by=actor,
        )
        objection._happened(Event.OBJECTION_RAISED)
        return objection

    def resolve(self, *, party: str, actor: str, upheld: bool, sealed_decision: bytes) -> None:
        """Decide, by someone else than who recorded it."""
        if party != self.back:
            raise NotBackCollege(party=party)
        if self.state is not State.OPEN:
            raise ObjectionAlreadyResolved(state=self.state)
        if actor == self.raised_by:
            raise SelfResolution(actor=actor)
        self.state = State.UPHELD if upheld else State.DISMISSED
        self.sealed_decision = sealed_decision
        self._happened(Event.OBJECTION_RESOLVED)
