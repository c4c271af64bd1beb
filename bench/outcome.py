"""What a benchmark found: two figures of one unit, their ratio, and the bound that it is held to.

It decides nothing about how anything is measured, but for the turns: ours and bare alternate.
"""

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What a figure must reach, or must not pass."""

    of: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        if self.at_least is not None and self.value < self.at_least:
            return False
        return self.at_most is None or self.value <= self.at_most

    def __str__(self) -> str:
        wanted = f">= {self.at_least}" if self.at_most is None else f"<= {self.at_most}"
        return f"{self.of}: {self.value:.3f}, wanted {wanted}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The medians of ours and of bare; `details` are further lines, printed before the ratio's."""

    name: str
    ours: float
    bare: float
    unit: str
    details: list[str] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.ours / self.bare

    def __str__(self) -> str:
        return (
            f"{self.name} ratio={self.ratio:.3f} ours={self.ours:.1f} bare={self.bare:.1f} "
            f"unit={self.unit}"
        )


def in_turn(
    ours: Callable[[], float], bare: Callable[[], float], *, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Measure both in turn and return their medians; who goes first changes with each round."""
    found: dict[Callable[[], float], list[float]] = {ours: [], bare: []}
    for number in range(rounds):
        order = (ours, bare) if number % 2 == 0 else (bare, ours)
        for measure in order:
            found[measure].append(measure())
        note(
            f"round {number + 1}: ours {found[ours][-1]:.1f}, bare {found[bare][-1]:.1f}, "
            f"ratio {found[ours][-1] / found[bare][-1]:.3f}"
        )
    return statistics.median(found[ours]), statistics.median(found[bare])


def note(text: str) -> None:
    """Tell whoever waits how it goes; results go to standard output."""
    print(f"  {text}", file=sys.stderr, flush=True)
