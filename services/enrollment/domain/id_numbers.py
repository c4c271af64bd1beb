"""身份证号 (GB 11643): its check digit, its birth date, and what may be shown of it.

The number must not reach a log or an error: `repr` hides it and refusals only name the problem.
"""

from dataclasses import dataclass, field
from datetime import date
from operator import mul
from typing import Final, Self

from services.enrollment.domain.refusals import IdNumberInvalid

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# What the weights make of seventeen zeros, as their characters are numbered.
_ZEROS: Final = ord("0") * sum(_WEIGHTS)
_CHECK_CHARACTERS: Final = "10X98765432"
_LENGTH: Final = 18
_DIGITS: Final = frozenset("0123456789")
# The standard's own example was born in 1880.
_BIRTH_YEAR_MIN: Final = 1800


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number that has been verified.

    The region part is not compared with a list: numbers keep the county of their first
    registration, and counties come and go (AREA).
    """

    text: str = field(repr=False)
    birth_date: date = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, today: date) -> Self:
        """Verify a number; raises IdNumberInvalid for a wrong form, check digit or birth date."""
        if len(text) != _LENGTH or not _DIGITS.issuperset(text[:-1]):
            raise IdNumberInvalid(problem="form")
        if text[-1] != check_character(text[:-1]):
            raise IdNumberInvalid(problem="check digit")
        birth_date = _birth_date(text[6:14])
        if birth_date is None or not date(_BIRTH_YEAR_MIN, 1, 1) <= birth_date <= today:
            raise IdNumberInvalid(problem="birth date")
        return cls(text, birth_date)

    @property
    def sex_code(self) -> str:
        """性别 by GB/T 2261.1: the seventeenth digit is odd for 1 男 and even for 2 女."""
        return "1" if int(self.text[16]) % 2 else "2"

    @property
    def masked(self) -> str:
        """The number with birth date and serial masked."""
        return f"{self.text[:6]}{'*' * 11}{self.text[-1]}"


def check_character(digits: str) -> str:
    """Return the check character of the first seventeen digits."""
    if len(digits) != len(_WEIGHTS):
        raise ValueError("the check character is of seventeen digits")
    total = sum(map(mul, _WEIGHTS, digits.encode("ascii"))) - _ZEROS
    return _CHECK_CHARACTERS[total % 11]


def _birth_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
