"""学分转换: turning accumulated outcomes into credits of a record, with the reasons kept.

The rules are of one college's adult students (GDPT), defaults elsewhere: what is converted is at
most half of the graduation credits, what was learned online at most a quarter; the same or similar
achievement counts once, at its highest; its content fits the course by at least 80 %. The numbers
are dated policies.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.learning_outcome import LearningOutcome, State, each_once
from services.enrollment.domain.outcome_refusals import NothingToConvert
from services.enrollment.domain.policies import Place, PolicyTable

_ART_51: Final = "LAW 职业教育法 art 51"


class Rule(StrEnum):
    """Why credits of an outcome are not counted."""

    # Another school recognised it: each school recognises for itself (LAW 职业教育法 art 51).
    RECOGNISED_ELSEWHERE = "RECOGNISED_ELSEWHERE"
    RELEVANCE_MIN = "RELEVANCE_MIN"
    SAME_ACHIEVEMENT = "SAME_ACHIEVEMENT"
    ONLINE_MAX = "ONLINE_MAX"
    CONVERTED_MAX = "CONVERTED_MAX"
    # It was recognised for no credits: its hours count, and nothing is to be converted.
    NO_CREDITS = "NO_CREDITS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A policy as it was on the day of the conversion."""

    percent: int
    source: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRules:
    """The rules in force on a day for a kind of school."""

    converted_max: Limit
    online_max: Limit
    relevance_min: Limit
    # How often the same achievement counts.
    times_max: int
    times_source: str

    @classmethod
    def of(cls, policies: PolicyTable, *, on: date, place: Place) -> Self:
        """Return the rules of a day; raises PolicyNotInForce where there are none."""

        def limit(name: str) -> Limit:
            row = policies.row(name, on=on, place=place)
            percent = policies.number(name, on=on, place=place)
            return Limit(percent=percent, source=row.source, is_default=row.is_default)

        times = "outcomes.counted_times_max"
        return cls(
            converted_max=limit("outcomes.converted_percent_max"),
            online_max=limit("outcomes.online_percent_max"),
            relevance_min=limit("outcomes.relevance_percent_min"),
            times_max=policies.number(times, on=on, place=place),
            times_source=policies.row(times, on=on, place=place).source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Credits that were not counted, and by which rule."""

    rule: Rule
    source: str
    credit_tenths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one outcome; counted and refused are together what was recognised."""

    outcome_id: UUID
    outcome_version: int
    achievement: str
    recognised_credit_tenths: int
    counted_credit_tenths: int
    refused: Sequence[Refused]


@dataclass(kw_only=True)
class CreditConversion(Aggregate):
    """A conversion: its lines, which never change, say what was counted, what not, and why."""

    id: UUID
    person_id: UUID
    parties: list[str]
    organisation: str
    status_record_id: UUID
    convert_date: date
    graduation_credit_tenths: int
    rules: CreditRules
    # Converted for the record by earlier conversions, all of it and what was learned online.
    earlier_credit_tenths: int
    earlier_online_credit_tenths: int
    counted_credit_tenths: int
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def make(
        cls,
        outcomes: Iterable[LearningOutcome],
        *,
        new_id: UUID,
        person_id: UUID,
        parties: list[str],
        party: str,
        status_record_id: UUID,
        graduation_credit_tenths: int,
        rules: CreditRules,
        today: date,
    ) -> Self:
        """Convert what a person has accumulated; raises NothingToConvert if that is nothing.

        The outcomes that are counted are converted too. The order in which they come is of no
        matter, and converting again counts nothing twice.
        """
        known = sorted(each_once(outcomes), key=_highest_first)
        waiting = [each for each in known if each.state is State.ACCUMULATED]
        if not waiting:
            raise NothingToConvert
        earlier = [
            each
            for each in known
            if each.state is State.CONVERTED and each.status_record_id == status_record_id
        ]
        count = _Count(rules, graduation_credit_tenths, earlier=earlier, school=party)
        conversion = cls(
            id=new_id,
            person_id=person_id,
            parties=parties,
            organisation=party,
            status_record_id=status_record_id,
            convert_date=today,
            graduation_credit_tenths=graduation_credit_tenths,
            rules=rules,
            earlier_credit_tenths=count.converted,
            earlier_online_credit_tenths=count.online,
            counted_credit_tenths=0,
            lines=[count.line(each) for each in waiting],
        )
        conversion.counted_credit_tenths = sum(
            each.counted_credit_tenths for each in conversion.lines
        )
        for outcome, line in zip(waiting, conversion.lines, strict=True):
            if line.counted_credit_tenths:
                outcome.convert(
                    conversion_id=new_id,
                    status_record_id=status_record_id,
                    credit_tenths=line.counted_credit_tenths,
                    today=today,
                )
        conversion._happened(Event.CREDITS_CONVERTED)
        return conversion

    def reassign(self, *, person_id: UUID, parties: list[str]) -> None:
        """Follow a merge or split of the person; what was counted, and why, stays."""
        self.person_id = person_id
        self.parties = parties
        self._happened(Event.CREDITS_REASSIGNED)


def _highest_first(outcome: LearningOutcome) -> tuple[int, int, date, UUID]:
    """Return what outcomes are ordered by: one order, whatever the order in which they came."""
    return (
        -outcome.rank,
        -outcome.recognised_credit_tenths,
        outcome.achieve_date,
        outcome.id,
    )


class _Count:
    """How many credits were counted, line by line, and what is left under the limits."""

    def __init__(
        self,
        rules: CreditRules,
        graduation_credit_tenths: int,
        *,
        earlier: Sequence[LearningOutcome],
        school: str,
    ) -> None:
        self._rules = rules
        self._school = school
        # Rounded down: a limit is never passed by a tenth.
        self._converted_max = graduation_credit_tenths * rules.converted_max.percent // 100
        self._online_max = graduation_credit_tenths * rules.online_max.percent // 100
        self.converted = sum(each.converted_credit_tenths for each in earlier)
        self.online = sum(each.converted_credit_tenths for each in earlier if each.is_online)
        # By achievement: the rank of what was counted, and for how much.
        self._given: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for each in earlier:
            self._given[each.achievement].append((each.rank, each.converted_credit_tenths))

    def line(self, outcome: LearningOutcome) -> Line:
        """Count an outcome, the highest of its achievement first, as far as the rules allow."""
        refused: list[Refused] = []
        left = outcome.recognised_credit_tenths

        def refuse(rule: Rule, source: str, credit_tenths: int) -> None:
            nonlocal left
            if credit_tenths > 0:
                refused.append(Refused(rule=rule, source=source, credit_tenths=credit_tenths))
                left -= credit_tenths

        rules = self._rules
        if not left:
            refused.append(Refused(rule=Rule.NO_CREDITS, source=_ART_51, credit_tenths=0))
        if outcome.recogniser != self._school:
            refuse(Rule.RECOGNISED_ELSEWHERE, _ART_51, left)
        if outcome.relevance_percent < rules.relevance_min.percent:
            refuse(Rule.RELEVANCE_MIN, rules.relevance_min.source, left)
        refuse(Rule.SAME_ACHIEVEMENT, rules.times_source, min(left, self._replaced(outcome, left)))
        if outcome.is_online:
            over = left - max(self._online_max - self.online, 0)
            refuse(Rule.ONLINE_MAX, rules.online_max.source, over)
        over = left - max(self._converted_max - self.converted, 0)
        refuse(Rule.CONVERTED_MAX, rules.converted_max.source, over)
        self._take(outcome, left)
        return Line(
            outcome_id=outcome.id,
            outcome_version=outcome.version,
            achievement=outcome.achievement,
            recognised_credit_tenths=outcome.recognised_credit_tenths,
            counted_credit_tenths=left,
            refused=tuple(refused),
        )

    def _replaced(self, outcome: LearningOutcome, credit_tenths: int) -> int:
        """Return what an achievement has given that this outcome does not give again.

        Beside one that is as high it gives nothing; above the others, what it has more.
        """
        given = sorted(self._given[outcome.achievement])
        as_high = [rank for rank, _ in given if rank >= outcome.rank]
        if len(as_high) >= self._rules.times_max:
            return credit_tenths
        replaced = given[: max(len(given) - self._rules.times_max + 1, 0)]
        return sum(tenths for _, tenths in replaced)

    def _take(self, outcome: LearningOutcome, credit_tenths: int) -> None:
        self.converted += credit_tenths
        if credit_tenths:
            self._given[outcome.achievement].append((outcome.rank, credit_tenths))
        if outcome.is_online:
            self.online += credit_tenths
