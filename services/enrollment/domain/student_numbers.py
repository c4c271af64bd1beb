"""学籍号: 19 characters, G, J or L first; one person one number, for life (HN).

The number must not reach a log or an error: `repr` hides it and refusals only name the problem.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.person_refusals import (
    StudentNumberBeforeFormer,
    StudentNumberInvalid,
    StudentNumberNotReplaceable,
)
from services.enrollment.domain.refusals import IdNumberInvalid

_LENGTH: Final = 19
_SHOWN: Final = 7


class Kind(StrEnum):
    """Kinds of numbers."""

    FORMAL = "FORMAL"
    MADE = "MADE"
    TEMPORARY = "TEMPORARY"


_KINDS: Final = {"G": Kind.FORMAL, "J": Kind.MADE, "L": Kind.TEMPORARY}
# What may come after: a formal number is for life, the others wait for it.
_FOLLOWED_BY: Final = {
    None: frozenset(Kind),
    Kind.TEMPORARY: frozenset({Kind.FORMAL}),
    Kind.MADE: frozenset({Kind.FORMAL}),
    Kind.FORMAL: frozenset[Kind](),
}


@dataclass(frozen=True, slots=True)
class StudentNumber:
    """A number that has been verified."""

    text: str = field(repr=False)
    kind: Kind

    @classmethod
    def parse(cls, text: str, *, today: date) -> Self:
        """Verify a number by its kind; raises StudentNumberInvalid naming the problem.

        G is followed by an ID number (GB 11643), J by one that was made, L by the region of six
        digits, the birth date and four random digits.
        """
        kind = _KINDS.get(text[:1])
        if kind is None or len(text) != _LENGTH:
            raise StudentNumberInvalid(problem="form")
        body = text[1:]
        if kind is Kind.FORMAL:
            try:
                IdNumber.parse(body, today=today)
            except IdNumberInvalid as error:
                raise StudentNumberInvalid(problem=error.metadata["problem"]) from None
        elif kind is Kind.TEMPORARY:
            _check_temporary(body, today)
        elif not (body[:-1].isascii() and body[:-1].isdecimal() and body[-1] in "0123456789X"):
            raise StudentNumberInvalid(problem="form")
        return cls(text, kind)

    @property
    def masked(self) -> str:
        """The number with all but the kind, the region and the last character masked."""
        return f"{self.text[:_SHOWN]}{'*' * (_LENGTH - _SHOWN - 1)}{self.text[-1]}"

    def check_follows(self, current: "NumberRecord | None", *, valid_from_date: date) -> None:
        """Raise a refusal unless the number may follow the present one, from that day."""
        kind = current.kind if current else None
        if self.kind not in _FOLLOWED_BY[kind]:
            raise StudentNumberNotReplaceable(current=kind or "", given=self.kind)
        if current and valid_from_date <= current.valid_from_date:
            raise StudentNumberBeforeFormer(valid_from_date=current.valid_from_date.isoformat())

    def check_is_of(self, id_number: str) -> None:
        """Raise StudentNumberInvalid for a formal number that is of another ID number."""
        if self.kind is Kind.FORMAL and self.text[1:] != id_number:
            raise StudentNumberInvalid(problem="not the ID number of this person")


@dataclass(kw_only=True)
class NumberRecord:
    """A number that a person has or had: a row of the history, never taken away."""

    id: UUID
    person_id: UUID
    kind: Kind
    organisation: str
    sealed_number: bytes
    sealed_masked_number: bytes
    valid_from_date: date
    valid_to_date: date | None = None


def _check_temporary(body: str, today: date) -> None:
    if not (body.isascii() and body.isdecimal()):
        raise StudentNumberInvalid(problem="form")
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        raise StudentNumberInvalid(problem="birth date") from None
    if born > today:
        raise StudentNumberInvalid(problem="birth date")
