"""The dated table of policies: which number or list holds at a date, in a province, for a school.

A rule asks for what it needs by name and is given the table as an argument. Rows are data
(`policies.yaml`, read at start); a row is never changed: it ends, and another begins.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias, TypeVar

from services.enrollment.domain.policy_refusals import PolicyNotInForce

T = TypeVar("T")
Value: TypeAlias = int | str | list[str] | dict[str, list[str]]


class SchoolKind(StrEnum):
    """Under which rules of 学籍 a school keeps its records (XJC)."""

    SECONDARY = "SECONDARY"
    HIGHER = "HIGHER"


class Place(NamedTuple):
    """For whom a policy is asked: a province by its first two digits (32), and a kind of school.

    What is left out asks for what holds everywhere.
    """

    province: str = ""
    school_kind: SchoolKind | None = None


_ANYWHERE: Final = Place()


class MonthDay(NamedTuple):
    """A day of every year."""

    month: int
    day: int

    def of(self, year: int) -> date:
        """Return the day of one year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A value that holds from a date, to a date if it ended; both days are included."""

    value: Value
    valid_from: date
    valid_to: date | None = None
    province: str = ""
    school_kind: SchoolKind | None = None
    source: str
    # No source gives the value: a suite may set another (GK).
    is_default: bool = False

    def holds(self, on: date) -> bool:
        """Whether the row holds on a date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def place(self) -> Place:
        """For whom the row holds."""
        return Place(self.province, self.school_kind)


@dataclass(frozen=True)
class PolicyTable:
    """All rows by name. Of the rows that hold, the one for the narrowest place counts."""

    rows: Mapping[str, Iterable[PolicyRow]]
    _by_place: dict[str, dict[Place, list[PolicyRow]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_place: dict[str, dict[Place, list[PolicyRow]]] = {}
        for name, rows in self.rows.items():
            places: dict[Place, list[PolicyRow]] = defaultdict(list)
            for row in rows:
                places[row.place].append(row)
            for each in places.values():
                _check_apart(name, each)
            by_place[name] = dict(places)
        object.__setattr__(self, "_by_place", by_place)

    def row(self, name: str, *, on: date, place: Place = _ANYWHERE) -> PolicyRow:
        """Return what holds on a date; raises PolicyNotInForce where nothing does."""
        places = self._by_place.get(name, {})
        for narrower in _widening(place):
            for row in places.get(narrower, ()):
                if row.holds(on):
                    return row
        raise PolicyNotInForce(
            policy=name,
            date=on.isoformat(),
            province=place.province or "*",
            school_kind=place.school_kind or "*",
        )

    def number(self, name: str, *, on: date, place: Place = _ANYWHERE) -> int:
        """Return a number; it is a TypeError to ask so for a policy that is none."""
        return _typed(self.row(name, on=on, place=place).value, int)

    def texts(self, name: str, *, on: date, place: Place = _ANYWHERE) -> list[str]:
        """Return a list of texts: codes, organisation kinds, steps of a chain."""
        return _typed(self.row(name, on=on, place=place).value, list)

    def table(self, name: str, *, on: date, place: Place = _ANYWHERE) -> dict[str, list[str]]:
        """Return lists of texts by a key."""
        return _typed(self.row(name, on=on, place=place).value, dict)

    def month_day(self, name: str, *, on: date, place: Place = _ANYWHERE) -> MonthDay:
        """Return a day of the year, written MM-DD."""
        month, day = _typed(self.row(name, on=on, place=place).value, str).split("-")
        return MonthDay(int(month), int(day))


def _widening(place: Place) -> Iterable[Place]:
    """Return a place and the wider ones around it: a province's own rule goes before a kind's."""
    return dict.fromkeys(
        (place, Place(place.province), Place(school_kind=place.school_kind), _ANYWHERE)
    )


def _check_apart(name: str, rows: Iterable[PolicyRow]) -> None:
    for one, other in combinations(rows, 2):
        if one.holds(other.valid_from) or other.holds(one.valid_from):
            raise ValueError(f"two rows of {name} hold on {max(one.valid_from, other.valid_from)}")


def _typed(value: Value, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"a policy is {type(value).__name__}, not {kind.__name__}")
    return value
