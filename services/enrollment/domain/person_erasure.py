"""Erasures of persons (PIPL 47): asked for by one, carried out by another, never undone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.person_refusals import ErasureNotProposed, SecondPersonNeeded


class State(StrEnum):
    """States of an erasure."""

    PROPOSED = "PROPOSED"
    ERASED = "ERASED"


@dataclass(kw_only=True)
class PersonErasure(Aggregate):
    """The erasure of one person and of every duplicate merged into it."""

    id: UUID
    state: State
    person_id: UUID
    parties: list[str]
    reason: str
    proposer: str
    decider: str = ""

    @classmethod
    def propose(
        cls, *, new_id: UUID, person_id: UUID, parties: list[str], reason: str, actor: str
    ) -> Self:
        """Propose to erase a person."""
        erasure = cls(
            id=new_id,
            state=State.PROPOSED,
            person_id=person_id,
            parties=parties,
            reason=reason,
            proposer=actor,
        )
        erasure._happened(Event.ERASURE_PROPOSED)
        return erasure

    def carry_out(self, *, actor: str) -> None:
        """Carry it out, as another person than who proposed it."""
        if self.state is not State.PROPOSED:
            raise ErasureNotProposed(state=self.state)
        if actor == self.proposer:
            raise SecondPersonNeeded
        self.state = State.ERASED
        self.decider = actor
        self._happened(Event.ERASURE_CARRIED_OUT)
