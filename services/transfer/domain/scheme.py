"""The assessment scheme: components, weighted totals, ranking. Integer arithmetic only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.transfer.domain.refusals import (
    ComponentRepeated,
    MarkAboveFullMark,
    MarksIncomplete,
    PassMarkAboveFullMark,
    WeightsNotHundred,
)

_WEIGHTS_SUM = 100


@dataclass(frozen=True, kw_only=True)
class SchemeComponent:
    """One part of the assessment; marks in hundredths of a point, weight in per cent."""

    component_id: str
    display_name: str
    weight: int
    full_mark_hundredths: int
    pass_mark_hundredths: int = 0
    # Missing the pass mark of a gate means not met, whatever the total (SDjn, FJ24).
    gate: bool = False


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The mark of one component, in hundredths of a point."""

    component_id: str
    mark_hundredths: int


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """Components in order of precedence in ties, and the least total, in hundredths of a point."""

    components: tuple[SchemeComponent, ...]
    minimum_total_hundredths: int

    def check(self) -> None:
        """Refuse weights that do not add up to 100, repeated ids, pass marks above full ones."""
        seen: set[str] = set()
        for component in self.components:
            if component.component_id in seen:
                raise ComponentRepeated(component=component.component_id)
            seen.add(component.component_id)
            if component.pass_mark_hundredths > component.full_mark_hundredths:
                raise PassMarkAboveFullMark(component=component.component_id)
        total = sum(component.weight for component in self.components)
        if total != _WEIGHTS_SUM:
            raise WeightsNotHundred(total=str(total))

    def check_marks(self, marks: Sequence[Mark]) -> None:
        """Refuse unless there is exactly one mark for each component, none above its full mark."""
        given = {mark.component_id: mark.mark_hundredths for mark in marks}
        wanted = {each.component_id: each.full_mark_hundredths for each in self.components}
        if len(given) != len(marks) or given.keys() != wanted.keys():
            raise MarksIncomplete
        for component_id, mark in given.items():
            if mark > wanted[component_id]:
                raise MarkAboveFullMark(component=component_id)

    def total_hundredths(self, marks: Sequence[Mark]) -> int:
        """Return the weighted total of complete marks out of 10,000, rounded half up once."""
        given = _by_component(marks)
        common = 1
        for component in self.components:
            common *= component.full_mark_hundredths
        # Each term is weight / 100 x mark / full x 10,000, over a common denominator.
        numerator = sum(
            component.weight
            * _WEIGHTS_SUM
            * given[component.component_id]
            * (common // component.full_mark_hundredths)
            for component in self.components
        )
        return (2 * numerator + common) // (2 * common)

    def is_met(self, marks: Sequence[Mark]) -> bool:
        """Whether every gate is passed and the total is reached."""
        given = _by_component(marks)
        gates_passed = all(
            given[each.component_id] >= each.pass_mark_hundredths
            for each in self.components
            if each.gate
        )
        return gates_passed and self.total_hundredths(marks) >= self.minimum_total_hundredths

    def tie_key(self, marks: Sequence[Mark]) -> tuple[int, ...]:
        """Return what orders equal totals: the marks in the order of the components (SDjn)."""
        given = _by_component(marks)
        return tuple(given.get(component.component_id, 0) for component in self.components)


def _by_component(marks: Sequence[Mark]) -> Mapping[str, int]:
    return {mark.component_id: mark.mark_hundredths for mark in marks}
