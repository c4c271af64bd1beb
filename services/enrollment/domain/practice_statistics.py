"""Shares of what is counted, each as two numbers that say what they count. Pure.

就业率 of 中职 counts who works for somebody, for themselves, and who studies on: 2012 520.54 of
538.00 ten thousand = 392.50 + 67.65 + 60.39 (ZZJY). 对口就业率 is of those who work. Points are
matched if they belong to a major: 305 of 414 (S4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.enrollment.domain.placement import WORKING, Destination, Match


class ShareKind(StrEnum):
    """What is a share of what."""

    EMPLOYMENT = "EMPLOYMENT"
    DIRECT_EMPLOYMENT = "DIRECT_EMPLOYMENT"
    MATCHED_EMPLOYMENT = "MATCHED_EMPLOYMENT"
    FURTHER_STUDY = "FURTHER_STUDY"
    DESTINATION_KNOWN = "DESTINATION_KNOWN"
    MATCHED_POINTS = "MATCHED_POINTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share as a fraction; with nothing below the line there is none."""

    kind: ShareKind
    numerator_definition: str
    numerator_count: int
    denominator_definition: str
    denominator_count: int
    source: str


# How many graduates went where, and whether their work fits.
Counts = Mapping[tuple[Destination, Match | None], int]

# Army service is counted as employment since graduates of colleges are (GK).
_EMPLOYMENT: Final = WORKING | {Destination.FURTHER_STUDY, Destination.ARMY}
_GRADUATES: Final = "期内毕业的学生（按人计，不重复）"


def placement_shares(counts: Counts) -> list[Share]:
    """Return the shares of graduates."""
    total = sum(counts.values())
    working = _count(counts, WORKING)
    matched = sum(
        count
        for (destination, match), count in counts.items()
        if destination in WORKING and match is Match.MATCHED
    )
    known = frozenset(Destination) - {Destination.UNKNOWN}
    return [
        _share(
            ShareKind.EMPLOYMENT,
            "受雇就业、创业及个体经营、参军、升学的毕业生",
            _count(counts, _EMPLOYMENT),
            total,
            source="ZZJY; GK (参军)",
        ),
        _share(
            ShareKind.DIRECT_EMPLOYMENT,
            "受雇就业、创业及个体经营的毕业生",
            working,
            total,
            source="ZZJY",
        ),
        _share(
            ShareKind.MATCHED_EMPLOYMENT,
            "岗位与所学专业对口的毕业生",
            matched,
            working,
            source="ZZJY",
            of="受雇就业、创业及个体经营的毕业生",
        ),
        _share(
            ShareKind.FURTHER_STUDY,
            "升学的毕业生",
            _count(counts, {Destination.FURTHER_STUDY}),
            total,
            source="ZZJY",
        ),
        _share(
            ShareKind.DESTINATION_KNOWN,
            "去向已确认且已知的毕业生",
            _count(counts, known),
            total,
            source="GK",
        ),
    ]


def point_share(*, matched: int, points: int) -> Share:
    """Return the share of internship points that belong to a major (S4)."""
    return _share(
        ShareKind.MATCHED_POINTS,
        "岗位属于一个或多个专业的实习点",
        matched,
        points,
        source="S4",
        of="期内有效的实习点",
    )


def _count(counts: Counts, destinations: frozenset[Destination] | set[Destination]) -> int:
    return sum(count for (destination, _), count in counts.items() if destination in destinations)


def _share(
    kind: ShareKind,
    definition: str,
    numerator: int,
    denominator: int,
    *,
    source: str,
    of: str = _GRADUATES,
) -> Share:
    return Share(
        kind=kind,
        numerator_definition=definition,
        numerator_count=numerator,
        denominator_definition=of,
        denominator_count=denominator,
        source=source,
    )
