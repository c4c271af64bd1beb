"""Persons: students of any stage. Personal values are held sealed, never in clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.person_refusals import (
    MergeWithItself,
    PersonErased,
    PersonMerged,
    PersonNotMerged,
    SurvivorMerged,
)


class State(StrEnum):
    """States of a person's record."""

    ACTIVE = "ACTIVE"
    MERGED = "MERGED"
    ERASED = "ERASED"


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
    # By which the admission platform's number is known again; it gives nothing away.
    admission_digest: bytes = b""
    # Who holds the ID number: a duplicate, where it was merged into the person.
    holder_id: UUID | None = None


@dataclass(kw_only=True)
class Person(Aggregate):
    """A natural person, one for each ID number, and the organisations that may see them."""

    id: UUID
    parties: list[str]
    sealed_display_name: bytes
    # Kept for those who must prove it; it leaves the service in no message.
    sealed_id_number: bytes
    sealed_masked_id_number: bytes
    # Empty while the birth date is that of the ID number.
    sealed_birth_date: bytes = b""
    # Of the present 学籍号; empty before there is one.
    sealed_masked_student_number: bytes = b""
    birth_year: int
    sex_code: str
    ethnicity_code: str
    made_up: bool
    state: State = State.ACTIVE
    merged_into_id: UUID | None = None

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
        self.check_active()
        self.parties = _merged(self.parties, front, back)
        self._happened(Event.PERSON_REGISTERED)

    def check_active(self) -> None:
        """Raise PersonErased or PersonMerged unless the record is of a person."""
        self.check_not_erased()
        if self.state is State.MERGED:
            raise PersonMerged(survivor=f"persons/{self.merged_into_id}")

    def check_not_erased(self) -> None:
        """Raise PersonErased if nothing can be read any more."""
        if self.state is State.ERASED:
            raise PersonErased

    def record_student_number(self, sealed_masked_number: bytes, *, is_first: bool) -> None:
        """Have a 学籍号, the first one or after another; the person stays the same (HN)."""
        self.check_active()
        self.sealed_masked_student_number = sealed_masked_number
        self._happened(Event.STUDENT_NUMBER_RECORDED if is_first else Event.STUDENT_NUMBER_UPGRADED)

    def correct(
        self,
        *,
        sealed_display_name: bytes,
        sex_code: str,
        sealed_birth_date: bytes,
        birth_year: int | None,
    ) -> None:
        """Correct what is given; corrections need legal proof (XJ), which was checked before."""
        self.check_active()
        self.sealed_display_name = sealed_display_name or self.sealed_display_name
        self.sex_code = sex_code or self.sex_code
        self.sealed_birth_date = sealed_birth_date or self.sealed_birth_date
        self.birth_year = self.birth_year if birth_year is None else birth_year
        self._happened(Event.PERSON_CORRECTED)

    def merge_into(self, survivor: "Person") -> None:
        """Become a duplicate of another person: this name answers with the survivor for ever.

        Sources: one person one record, one number for life (HN); duplicates are not registered
        (XJE). Both records stay, so that a wrong merge can be undone.
        """
        if survivor.id == self.id:
            raise MergeWithItself
        self.check_active()
        survivor.check_active()
        self.state = State.MERGED
        self.merged_into_id = survivor.id
        self._happened(Event.PERSONS_MERGED)

    def absorb(self, duplicate: "Person") -> list[str]:
        """Be seen by the schools of a duplicate too; return those to whom this is new."""
        gained = [each for each in duplicate.parties if each not in self.parties]
        self.parties = _merged(self.parties, *gained)
        self._happened(Event.PERSONS_MERGED)
        return gained

    def release(self, lost: list[str]) -> None:
        """Be seen no more by schools that only a wrong merge had let see."""
        self.parties = [each for each in self.parties if each not in lost]
        self._happened(Event.PERSONS_SPLIT)

    def split_from(self, survivor: "Person") -> None:
        """Stand for oneself again; merges are undone in the reverse order."""
        self.check_not_erased()
        if self.state is not State.MERGED:
            raise PersonNotMerged
        if survivor.state is State.MERGED:
            raise SurvivorMerged(survivor=f"persons/{survivor.id}")
        self.state = State.ACTIVE
        self.merged_into_id = None
        self._happened(Event.PERSONS_SPLIT)

    def erase(self) -> None:
        """Forget what is personal and not sealed, and the sealed values that lead nowhere now.

        Erasing again, as after a restore, is the same.
        """
        self.sealed_display_name = b""
        self.sealed_id_number = b""
        self.sealed_masked_id_number = b""
        self.sealed_birth_date = b""
        self.sealed_masked_student_number = b""
        self.birth_year = 0
        self.sex_code = ""
        self.ethnicity_code = ""
        self.state = State.ERASED
        self._happened(Event.PERSON_ERASED)


def resolve(merged_into: Mapping[UUID, UUID | None], person_id: UUID) -> UUID:
    """Follow a name to the person that it answers with; who is not merged answers as itself."""
    while (survivor := merged_into.get(person_id)) is not None:
        person_id = survivor
    return person_id


def _merged(parties: list[str], *others: str) -> list[str]:
    return list(dict.fromkeys([*parties, *others]))
