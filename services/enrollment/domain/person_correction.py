"""Corrections of name, sex and birth date: proposed with evidence, decided by another (XJ)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.person_refusals import (
    CorrectionEmpty,
    CorrectionNotProposed,
    SecondPersonNeeded,
)


class State(StrEnum):
    """States of a correction."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What is right, or what was wrong: each sealed, and empty where it stays."""

    display_name: bytes = b""
    sex_code: bytes = b""
    birth_date: bytes = b""


@dataclass(kw_only=True)
class PersonCorrection(Aggregate):
    """Name, sex or birth date as they should be; nothing of a person is changed without one."""

    id: UUID
    state: State
    person_id: UUID
    parties: list[str]
    sealed_display_name: bytes
    sealed_sex_code: bytes
    sealed_birth_date: bytes
    sealed_former_display_name: bytes = b""
    sealed_former_sex_code: bytes = b""
    sealed_former_birth_date: bytes = b""
    evidence_sha256: str
    proposer: str
    decider: str = ""
    decide_reason: str = ""

    @classmethod
    def propose(
        cls,
        *,
        new_id: UUID,
        person_id: UUID,
        parties: list[str],
        values: Values,
        evidence_sha256: str,
        actor: str,
    ) -> Self:
        """Propose what is right, with the hash of the legal proof (XJ)."""
        if values == Values():
            raise CorrectionEmpty
        correction = cls(
            id=new_id,
            state=State.PROPOSED,
            person_id=person_id,
            parties=parties,
            sealed_display_name=values.display_name,
            sealed_sex_code=values.sex_code,
            sealed_birth_date=values.birth_date,
            evidence_sha256=evidence_sha256,
            proposer=actor,
        )
        correction._happened(Event.CORRECTION_PROPOSED)
        return correction

    def approve(self, *, actor: str, former: Values) -> None:
        """Approve, as another person than who proposed; what was wrong is kept, sealed."""
        self._decide(State.APPROVED, actor)
        self.sealed_former_display_name = former.display_name
        self.sealed_former_sex_code = former.sex_code
        self.sealed_former_birth_date = former.birth_date
        self._happened(Event.CORRECTION_APPROVED)

    def reject(self, *, actor: str, reason: str) -> None:
        """Reject, as another person than who proposed."""
        self._decide(State.REJECTED, actor)
        self.decide_reason = reason
        self._happened(Event.CORRECTION_REJECTED)

    def check_may_decide(self, actor: str) -> None:
        """Raise a refusal unless this person may decide now."""
        if self.state is not State.PROPOSED:
            raise CorrectionNotProposed(state=self.state)
        if actor == self.proposer:
            raise SecondPersonNeeded

    def _decide(self, state: State, actor: str) -> None:
        self.check_may_decide(actor)
        self.state = state
        self.decider = actor
