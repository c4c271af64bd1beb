"""行政区划 (GB/T 2260): which codes there were in a year.

A retired code stays right for facts of its time: 泗阳 was 320825 to 1996, 吴江 320584 to 2012
(AREA). The lists say years and not days, so in the year of a change both codes are right. A
functional zone has no code of its own but its host's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from services.enrollment.domain.organisation_refusals import RegionCodeNotInForce
from services.enrollment.domain.refusals import RegionCodeUnknown

_LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class Region:
    """What a code named, from a year to a year; both are included, and None is open."""

    name: str
    year_from: int | None = None
    year_to: int | None = None

    def is_of(self, year: int) -> bool:
        """Whether the code named this in some part of a year."""
        return (self.year_from is None or self.year_from <= year) and (
            self.year_to is None or year <= self.year_to
        )


class Regions(Protocol):
    """All codes that there ever were."""

    def find(self, region_code: str) -> Sequence[Region]:
        """Return what a code has named, in order of time; nothing if it never was one."""


def check_region(regions: Regions, region_code: str, *, on: date) -> Region:
    """Return what a code named on a date.

    Raises RegionCodeUnknown for one that never was, and RegionCodeNotInForce for one of another
    time, with the years in which it was.
    """
    is_formed = len(region_code) == _LENGTH and region_code.isascii() and region_code.isdecimal()
    found = regions.find(region_code) if is_formed else ()
    if not found:
        raise RegionCodeUnknown(region_code=region_code)
    for region in found:
        if region.is_of(on.year):
            return region
    raise RegionCodeNotInForce(
        region_code=region_code, date=on.isoformat(), years="、".join(map(_years, found))
    )


def _years(region: Region) -> str:
    return f"{region.year_from or ''}-{region.year_to or ''}"
