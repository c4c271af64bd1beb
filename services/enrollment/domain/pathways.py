"""The types of pathway: which levels they join, how many years each stage takes.

A type is chosen, never inferred from a label: "3+2" leads from 高职 to 本科 in Jiangsu and
Shandong (JS21, SD15) and from 中职 to 高职 in Guangdong and Shanxi (GD21, SX16).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.enrollment.domain.organisation import Kind


class Level(StrEnum):
    """Levels of a stage."""

    SECONDARY_VOCATIONAL = "SECONDARY_VOCATIONAL"
    HIGHER_VOCATIONAL = "HIGHER_VOCATIONAL"
    BACHELOR = "BACHELOR"


class Type(StrEnum):
    """Types of pathway."""

    ZG_3_3 = "ZG_3_3"
    ZG_4_2 = "ZG_4_2"
    ZB_3_4 = "ZB_3_4"
    GB_5_2 = "GB_5_2"
    GB_3_2 = "GB_3_2"
    GB_4_0 = "GB_4_0"
    ZG_3_2 = "ZG_3_2"
    FIVE_YEAR = "FIVE_YEAR"
    DX_2_1 = "DX_2_1"


class InternshipArrangement(StrEnum):
    """School time and 岗位实习 inside one stage: it joins no schools and makes no transfer."""

    TWO_AND_HALF = "TWO_AND_HALF"
    FOUR_AND_HALF = "FOUR_AND_HALF"
    ONE_ONE_ONE = "ONE_ONE_ONE"


@dataclass(frozen=True, slots=True)
class Pathway:
    """What follows from a type; with one registration there is no transfer between the stages."""

    front_level: Level
    front_years: int
    back_level: Level
    back_years: int
    has_two_registrations: bool = True


_SECONDARY: Final = Level.SECONDARY_VOCATIONAL
_HIGHER: Final = Level.HIGHER_VOCATIONAL
_BACHELOR: Final = Level.BACHELOR

PATHWAYS: Final[Mapping[Type, Pathway]] = {
    # JS21, JS22, JS24; the medicine variant 4+2 is JS24.
    Type.ZG_3_3: Pathway(_SECONDARY, 3, _HIGHER, 3),
    Type.ZG_4_2: Pathway(_SECONDARY, 4, _HIGHER, 2),
    Type.ZB_3_4: Pathway(_SECONDARY, 3, _BACHELOR, 4),
    Type.GB_5_2: Pathway(_HIGHER, 5, _BACHELOR, 2),
    Type.GB_3_2: Pathway(_HIGHER, 3, _BACHELOR, 2),
    Type.GB_4_0: Pathway(_HIGHER, 4, _BACHELOR, 0, has_two_registrations=False),
    # GD21, SX16.
    Type.ZG_3_2: Pathway(_SECONDARY, 3, _HIGHER, 2),
    # S1, JSLH: registered under higher education rules from entry.
    Type.FIVE_YEAR: Pathway(_HIGHER, 5, _HIGHER, 0, has_two_registrations=False),
    # East-west cooperation: one home registration (GK).
    Type.DX_2_1: Pathway(_SECONDARY, 2, _SECONDARY, 1, has_two_registrations=False),
}

# Which kinds of organisation teach a level; technician schools take part in projects (JS21, JS22).
TEACHING_KINDS: Final[Mapping[Level, frozenset[Kind]]] = {
    _SECONDARY: frozenset({Kind.SECONDARY_VOCATIONAL, Kind.TECHNICIAN}),
    _HIGHER: frozenset({Kind.HIGHER_VOCATIONAL, Kind.FIVE_YEAR_VOCATIONAL}),
    _BACHELOR: frozenset({Kind.UNIVERSITY}),
}

# The levels and years of a stage that an arrangement divides: "中职2.5+0.5、高职4.5+0.5学制安排"
# (S1), and three years inside one college, a general, a professional and a company year (S4).
ARRANGED_STAGES: Final[Mapping[InternshipArrangement, tuple[frozenset[Level], int]]] = {
    InternshipArrangement.TWO_AND_HALF: (frozenset({_SECONDARY, _HIGHER}), 3),
    InternshipArrangement.FOUR_AND_HALF: (frozenset({_HIGHER}), 5),
    InternshipArrangement.ONE_ONE_ONE: (frozenset({_HIGHER}), 3),
}
