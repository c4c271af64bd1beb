"""A cohort of 41 made-up students: the same seed makes the same people, marks and fates.

Nobody here exists. ID numbers are well formed (GB 11643): region of first registration, a birth
date of 2004 or 2005, a serial whose last digit is odd for boys, a check digit. That age group was
registered under today's codes; 泗阳's old 320825 ended in 1996 and would not fit.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto

from deploy.story.case import Component

SEED = 2020
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_REGIONS = ("321323",) * 8 + ("321322", "321324")
_ETHNICITIES = ("01",) * 19 + ("03",)
_BORN_FIRST, _BORN_LAST = date(2004, 9, 1), date(2005, 8, 31)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏"
# The last one lies beyond the Basic Multilingual Plane, as names of real people do.
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华红宁晨雨欣怡浩轩宇婷𬭎"


class Fate(Enum):
    """How a student's way through the case goes."""

    ORDINARY = auto()
    LEFT_PATHWAY = auto()  # changed to another major in the second year: never applies
    WITHDREW = auto()
    NOT_CONFIRMED = auto()  # by the front school
    NOT_QUALIFIED = auto()  # by the back college
    ABSENT = auto()
    EXEMPT = auto()  # by a prize
    SKILLS_MISSED = auto()
    PROCESS_MISSED = auto()
    TOTAL_MISSED = auto()
    BELOW_RANK = auto()
    OBJECTION_DISMISSED = auto()
    OBJECTION_UPHELD = auto()
    NOT_APPROVED = auto()  # by the exam authority
    GRADUATED_LATE = auto()  # the front school records the graduation after the arrival
    ON_LEAVE = auto()
    ABSENT_AT_ARRIVAL = auto()
    ARMY = auto()


_COUNTS = dict.fromkeys(Fate, 1) | {Fate.BELOW_RANK: 2, Fate.ORDINARY: 23}
_WITHOUT_MARKS = frozenset(
    {
        Fate.LEFT_PATHWAY,
        Fate.WITHDREW,
        Fate.NOT_CONFIRMED,
        Fate.NOT_QUALIFIED,
        Fate.ABSENT,
        Fate.EXEMPT,
    }
)
# Shares of the full mark by component, and for all others.
_SHARES: Mapping[Fate, tuple[Mapping[str, float], float]] = {
    Fate.SKILLS_MISSED: ({"skills": 0.52}, 0.75),
    Fate.PROCESS_MISSED: ({"process": 0.55}, 0.72),
    Fate.TOTAL_MISSED: ({"skills": 0.63, "process": 0.63}, 0.52),
}
_UNRANKED = _WITHOUT_MARKS | _SHARES.keys() | {Fate.BELOW_RANK}
_BEST, _WORST, _BELOW = 0.95, 0.70, (0.64, 0.625)
_NOISE = 0.02


@dataclass(frozen=True, kw_only=True)
class Student:
    """A made-up student."""

    key: str
    """What the story calls the student in the names of its steps: s01."""
    fate: Fate
    display_name: str = field(repr=False)
    id_number: str = field(repr=False)
    ethnicity_code: str
    admission_number: str = field(repr=False)
    class_name: str
    marks: Mapping[str, int]
    """Component to mark in hundredths of a point; empty for one who is not assessed."""

    @property
    def masked_name(self) -> str:
        return self.display_name[0] + "*" * (len(self.display_name) - 1)


def make_students(
    *, class_names: Sequence[str], components: Sequence[Component], seed: int = SEED
) -> list[Student]:
    """Make the cohort."""
    # Repeatability is the point here, not secrecy.
    dice = random.Random(seed)  # noqa: S311
    fates = [fate for fate, count in _COUNTS.items() for _ in range(count)]
    dice.shuffle(fates)
    names, numbers = _names(dice), _id_numbers(dice)
    shares = _shares(dice, fates)
    return [
        Student(
            key=f"s{place:02}",
            fate=fate,
            display_name=next(names),
            id_number=next(numbers),
            ethnicity_code=dice.choice(_ETHNICITIES),
            admission_number=f"20321323900{place:03}",
            class_name=class_names[place * len(class_names) // (len(fates) + 1)],
            marks=_marks(dice, fate, share, components),
        )
        for place, (fate, share) in enumerate(zip(fates, shares, strict=True), start=1)
    ]


def check_character(digits: str) -> str:
    """Return the check character of the first seventeen digits (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def _names(dice: random.Random) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        given = "".join(dice.sample(_GIVEN, k=dice.choice((1, 2, 2))))
        name = dice.choice(_SURNAMES) + given
        if name not in seen:
            seen.add(name)
            yield name


def _id_numbers(dice: random.Random) -> Iterator[str]:
    days = (_BORN_LAST - _BORN_FIRST).days
    seen: set[str] = set()
    while True:
        born = _BORN_FIRST + timedelta(days=dice.randint(0, days))
        digits = f"{dice.choice(_REGIONS)}{born:%Y%m%d}{dice.randint(1, 999):03}"
        if digits not in seen:
            seen.add(digits)
            yield digits + check_character(digits)


def _shares(dice: random.Random, fates: Sequence[Fate]) -> list[float]:
    """Give each who meets the demands a share of the marks, the best to the worst."""
    ranked = sum(fate not in _UNRANKED for fate in fates)
    spread = [_WORST + (_BEST - _WORST) / ranked * place for place in range(ranked)]
    dice.shuffle(spread)
    above, below = iter(spread), iter(_BELOW)
    shares = []
    for fate in fates:
        if fate is Fate.BELOW_RANK:
            shares.append(next(below))
        else:
            shares.append(0.0 if fate in _UNRANKED else next(above))
    return shares


def _marks(
    dice: random.Random, fate: Fate, share: float, components: Sequence[Component]
) -> dict[str, int]:
    if fate in _WITHOUT_MARKS:
        return {}
    special, common = _SHARES.get(fate, ({}, share))
    return {
        each.id: _mark(special.get(each.id, common) + dice.uniform(-_NOISE, _NOISE), each.full_mark)
        for each in components
    }


def _mark(share: float, full_mark: int) -> int:
    """Round to half points, in hundredths of a point."""
    return round(share * full_mark * 2) * 50
