"""What becomes of a row of an imported file that is not refused. Pure."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum

from services.enrollment.domain.import_row_refusals import FileRowRepeated


class Verdict(StrEnum):
    """What a row is, measured by what is known."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a row, and of which resource it speaks."""

    verdict: Verdict
    name: str


@dataclass(slots=True)
class RowsSeen:
    """The natural keys of the rows so far, each with the number of its row."""

    numbers: dict[Hashable, int] = field(default_factory=dict)

    def note(self, key: Hashable, number: int) -> None:
        """Note a row; raises FileRowRepeated if an earlier one has the same natural key."""
        earlier = self.numbers.setdefault(key, number)
        if earlier != number:
            raise FileRowRepeated(row=str(earlier))
