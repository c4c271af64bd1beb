"""What a cooperation is made of: its kind, parties with signatures, agreement, grades, bodies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Kinds of cooperation (S0, S4)."""

    APPRENTICESHIP = "APPRENTICESHIP"
    ORDER_CLASS = "ORDER_CLASS"
    NAMED_CLASS = "NAMED_CLASS"
    ENTERPRISE_COLLEGE = "ENTERPRISE_COLLEGE"
    ARTICULATION = "ARTICULATION"
    RESOURCE_LIBRARY = "RESOURCE_LIBRARY"
    COMMUNITY = "COMMUNITY"


class Role(StrEnum):
    """As what an organisation takes part."""

    SCHOOL = "SCHOOL"
    COLLEGE = "COLLEGE"
    ENTERPRISE = "ENTERPRISE"
    BUREAU = "BUREAU"


class Grade(StrEnum):
    """Grades of an enterprise college: 校级战略合作, 系院级伙伴合作, 专业级技术合作 (S0)."""

    SCHOOL = "SCHOOL"
    DEPARTMENT = "DEPARTMENT"
    MAJOR = "MAJOR"


class BodyKind(StrEnum):
    """The three layers of a consortium: 理事会, 校企合作委员会, 项目联管会 (S2)."""

    COUNCIL = "COUNCIL"
    COMMITTEE = "COMMITTEE"
    PROJECT_BOARD = "PROJECT_BOARD"


SCHOOLS: Final = frozenset({Role.SCHOOL, Role.COLLEGE})
CLASSES: Final = frozenset({Kind.ORDER_CLASS, Kind.NAMED_CLASS})
# Whose pupils are on a roster.
ROSTERS: Final = CLASSES | {Kind.APPRENTICESHIP}
# The highest first.
GRADES: Final = (Grade.SCHOOL, Grade.DEPARTMENT, Grade.MAJOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """An organisation that is to take part."""

    organisation: str
    role: Role
    is_lead: bool = False
    # Asked of a bureau; all others must.
    must_sign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation that takes part from a day to a day, the last one excluded."""

    organisation: str
    role: Role
    is_lead: bool
    must_sign: bool
    join_date: date
    leave_date: date | None = None
    sign_date: date | None = None
    # Who recorded the signature: itself, or a school for an enterprise that signed on paper.
    signature_recorder: str = ""
    signature_sha256: str = ""

    @classmethod
    def enter(cls, entrant: Entrant, *, on: date) -> "Party":
        """Return who takes part from a day on."""
        return cls(
            organisation=entrant.organisation,
            role=entrant.role,
            is_lead=entrant.is_lead,
            must_sign=entrant.must_sign or entrant.role is not Role.BUREAU,
            join_date=on,
        )

    @property
    def is_present(self) -> bool:
        """Whether it takes part."""
        return self.leave_date is None

    @property
    def is_awaited(self) -> bool:
        """Whether its signature is missing."""
        return self.is_present and self.must_sign and self.sign_date is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The agreement that is signed; both days are included."""

    number: str
    sha256: str
    valid_from_date: date
    valid_to_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedGrade:
    """A grade from a day on, to the next one."""

    grade: Grade
    valid_from_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in force, from one on, until one; None: still."""

    valid_from_date: date
    until_date: date | None = None

    def holds(self, on: date) -> bool:
        """Whether a day is within."""
        return self.valid_from_date <= on and (self.until_date is None or on < self.until_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body of a consortium: who heads it, and who sits in it."""

    kind: BodyKind
    head_organisation: str
    members: tuple[str, ...]
    form_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What a party has in a shared library, and how often it has used the library, by a day."""

    organisation: str
    item_count: int
    use_count: int
    count_date: date
