"""Whether codes of majors are in the catalogues that are kept: what is named must have been there.

Where no catalogue of a level is kept for a day nothing can be looked up, and any code passes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from chassis import db
from services.enrollment.domain.major import Major
from services.enrollment.domain.major_refusals import MajorUnknown
from services.enrollment.store import majors


class Wanted(NamedTuple):
    """A code that is named as one of a level on a day."""

    code: str
    level: str
    on: date


class Catalogues:
    """What is kept of some codes, and for which levels and days there are catalogues."""

    def __init__(
        self, entries: Mapping[str, Sequence[Major]], kept: Mapping[tuple[str, date], bool]
    ) -> None:
        self._entries = entries
        self._kept = kept

    def check(self, wanted: Wanted) -> None:
        """Raise MajorUnknown for a code that a catalogue of its day does not have."""
        if not self._kept[wanted.level, wanted.on]:
            return
        for major in self._entries.get(wanted.code, ()):
            if major.level.value == wanted.level and major.is_in_force(wanted.on):
                return
        raise MajorUnknown(code=wanted.code, date=wanted.on.isoformat())


async def load_catalogues(tx: db.Transaction, wanted: Sequence[Wanted]) -> Catalogues:
    """Read what the checks of these codes need: one statement, and one a level and day."""
    entries: dict[str, list[Major]] = defaultdict(list)
    for major in await majors.list_of_codes(tx, [each.code for each in wanted]):
        entries[major.code].append(major)
    days = {(each.level, each.on) for each in wanted}
    kept = {(level, on): await majors.has_catalogue(tx, level, on=on) for level, on in sorted(days)}
    return Catalogues(entries, kept)
