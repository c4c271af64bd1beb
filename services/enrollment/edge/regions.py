"""Region codes by year, from the list that python-stdnum carries.

Read once: who asks for a code looks into memory.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from stdnum import numdb

from services.enrollment.domain.regions import Region

_LIST: Final = "cn/loc"
# Years in brackets, open on either side, where they are known: [2009-]通州区.
_ENTRY: Final = re.compile(r"(?:\[(?P<year_from>\d*)-(?P<year_to>\d*)\])?(?P<name>.+)")


class RegionList:
    """All codes of GB/T 2260 with their years."""

    def __init__(self) -> None:
        self._regions: Mapping[str, Sequence[Region]] = dict(_read())

    def find(self, region_code: str) -> Sequence[Region]:
        """Return what a code has named; nothing if it never was one."""
        return self._regions.get(region_code, ())


def _read() -> list[tuple[str, Sequence[Region]]]:
    provinces = numdb.get(_LIST).prefixes
    return [
        (province + county, [_region(entry) for entry in properties["county"].split(",")])
        for _, province, _, _, counties in provinces
        for _, county, _, properties, _ in counties
    ]


def _region(entry: str) -> Region:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError(f"an entry that is no region: {entry}")
    year_from, year_to = found["year_from"], found["year_to"]
    return Region(
        found["name"], int(year_from) if year_from else None, int(year_to) if year_to else None
    )
