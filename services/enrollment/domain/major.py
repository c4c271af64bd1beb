"""专业: entries of the national catalogues; what a code means depends on the day.

A code is six digits and each catalogue gives it anew: 540101 was 建筑设计 in that of 2015 and is
旅游管理 in that of 2021. So an entry is known by its catalogue's year and its code, has a first
and a last day, and names what follows it. Additions come each year (GK).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.major_refusals import (
    MajorAlreadyRetired,
    MajorCodeWrong,
    MajorDatesWrong,
)


class Level(StrEnum):
    """Levels of catalogues."""

    SECONDARY_VOCATIONAL = "SECONDARY_VOCATIONAL"
    HIGHER_VOCATIONAL = "HIGHER_VOCATIONAL"
    BACHELOR = "BACHELOR"


def id_of(*, catalogue_year: int, code: str) -> str:
    """Return the id of an entry."""
    return f"{catalogue_year}-{code}"


@dataclass(kw_only=True)
class Major(Aggregate):
    """An entry of a catalogue."""

    id: str
    code: str
    level: Level
    catalogue_year: int
    display_name: str
    category: str
    subcategory: str
    valid_from_date: date
    valid_to_date: date | None = None
    successors: list[str] = field(default_factory=list)

    @classmethod
    def enter(
        cls,
        *,
        first_digits: Mapping[str, Sequence[str]],
        code: str,
        level: Level,
        catalogue_year: int,
        display_name: str,
        category: str,
        subcategory: str,
        valid_from_date: date,
    ) -> Self:
        """Enter a major; `first_digits` are those of each level in the catalogues of that time."""
        digits = first_digits.get(level, ())
        if digits and code[0] not in digits:
            raise MajorCodeWrong(code=code, digits="、".join(digits))
        major = cls(
            id=id_of(catalogue_year=catalogue_year, code=code),
            code=code,
            level=level,
            catalogue_year=catalogue_year,
            display_name=display_name,
            category=category,
            subcategory=subcategory,
            valid_from_date=valid_from_date,
        )
        major._happened(Event.MAJOR_ENTERED)
        return major

    def correct(self, other: "Major") -> bool:
        """Take over what another reading of the same entry says; return whether that is news."""
        names = ("level", "display_name", "category", "subcategory", "valid_from_date")
        if all(getattr(self, name) == getattr(other, name) for name in names):
            return False
        if self.valid_to_date is not None and other.valid_from_date > self.valid_to_date:
            raise MajorDatesWrong(name=self.resource_name, problem="first day after the last")
        for name in names:
            setattr(self, name, getattr(other, name))
        self._happened(Event.MAJOR_CORRECTED)
        return True

    def retire(self, *, valid_to_date: date, successors: Sequence[str]) -> None:
        """Leave the catalogue after a day; entries may follow, more than one if it was split."""
        if self.valid_to_date is not None:
            raise MajorAlreadyRetired(
                name=self.resource_name, valid_to_date=self.valid_to_date.isoformat()
            )
        self._follow(valid_to_date, successors)

    def give_way(self, *, valid_to_date: date, successors: Sequence[str]) -> bool:
        """Be followed by entries of a later catalogue; return whether that is news.

        One that has left on that day already may get more that follow it: a catalogue is imported
        in parts.
        """
        new = [each for each in successors if each not in self.successors]
        if not new:
            return False
        if self.valid_to_date not in {None, valid_to_date}:
            raise MajorAlreadyRetired(
                name=self.resource_name, valid_to_date=str(self.valid_to_date)
            )
        self._follow(valid_to_date, [*self.successors, *new])
        return True

    def is_in_force(self, on: date) -> bool:
        """Whether the entry is of that day."""
        return self.valid_from_date <= on and (
            self.valid_to_date is None or on <= self.valid_to_date
        )

    def overlaps(self, first: date) -> bool:
        """Whether the entry has days in common with one that begins on `first` and is open."""
        return self.valid_to_date is None or self.valid_to_date >= first

    @property
    def resource_name(self) -> str:
        """The name under which everybody knows it."""
        return f"majors/{self.id}"

    def _follow(self, valid_to_date: date, successors: Sequence[str]) -> None:
        if valid_to_date < self.valid_from_date:
            raise MajorDatesWrong(name=self.resource_name, problem="last day before the first")
        self.valid_to_date = valid_to_date
        self.successors = list(dict.fromkeys(successors))
        self._happened(Event.MAJOR_RETIRED)
