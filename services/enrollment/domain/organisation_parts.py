"""What an organisation keeps with its days: names, regions, and who follows it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class EndKind(StrEnum):
    """How an organisation ends."""

    MERGED = "MERGED"
    SPLIT = "SPLIT"
    CLOSED = "CLOSED"


class NameKind(StrEnum):
    """Whether a name is the registered one of its time, or one that people use."""

    REGISTERED = "REGISTERED"
    ALIAS = "ALIAS"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedName:
    """A name from a day to a day; both are included, and None is open or not known."""

    text: str
    kind: NameKind
    valid_from_date: date | None = None
    valid_to_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRegion:
    """A region code from a day to a day; both are included, and None is open or not known."""

    region_code: str
    valid_from_date: date | None = None
    valid_to_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Who answers for records from a date on: of these majors, or of all others (none named)."""

    organisation: str
    effective_date: date
    major_codes: tuple[str, ...] = ()
