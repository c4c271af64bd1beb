"""Persons: students of any stage. Personal values are held sealed, never in clear."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who is to be enrolled, sealed with the key of the person that the ID number belongs to."""

    person_id: UUID
    sealed_display_name: bytes
    sealed_id_number: bytes
    sealed_masked_id_number: bytes
    sealed_admission_number: bytes
    birth_year: int
    sex_code: str
    ethnicity_code: str
    made_up: bool


@dataclass(kw_only=True)
class Person(Aggregate):
    """A natural person, one for each ID number, and the organisations that may see them."""

    id: UUID
    parties: list[str]
    sealed_display_name: bytes
    # Kept for those who must prove it; it leaves the service in no message.
    sealed_id_number: bytes
    sealed_masked_id_number: bytes
    birth_year: int
    sex_code: str
    ethnicity_code: str
    made_up: bool

    @classmethod
    def register(cls, applicant: Applicant, *, front: str, back: str) -> Self:
        """Register a person for the two schools of a pathway."""
        person = cls(
            id=applicant.person_id,
            parties=_merged([], front, back),
            sealed_display_name=applicant.sealed_display_name,
            sealed_id_number=applicant.sealed_id_number,
            sealed_masked_id_number=applicant.sealed_masked_id_number,
            birth_year=applicant.birth_year,
            sex_code=applicant.sex_code,
            ethnicity_code=applicant.ethnicity_code,
            made_up=applicant.made_up,
        )
        person._happened(Event.PERSON_REGISTERED)
        return person

    def join(self, *, front: str, back: str) -> None:
        """Register a known person for the two schools of another pathway."""
        self.parties = _merged(self.parties, front, back)
        self._happened(Event.PERSON_REGISTERED)


def _merged(parties: list[str], *others: str) -> list[str]:
    return list(dict.fromkeys([*parties, *others]))
