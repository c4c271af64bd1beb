"""The yearly lists of approved projects, and whether their figures agree.

2021: 1056 projects = 779 (3+3) + 42 (3+4) + 11 (5+2) + 175 (3+2) + 49 (4+0) (JS21).
2022: 957 = 604 + 37 + 32 + 217 + 67 (JS22). A list whose figures do not agree says so; that
refuses nothing: it is the province's document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.events import Event
from services.enrollment.domain.pathway_refusals import ListedTypeRepeated, NotListKeeper
from services.enrollment.domain.pathways import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the stated total: some types together, as 3+3 with medicine's 4+2 (JS24)."""

    types: tuple[Type, ...]
    stated_count: int


class FindingKind(StrEnum):
    """What does not agree."""

    PARTS_DO_NOT_ADD_UP = "PARTS_DO_NOT_ADD_UP"
    IMPORTED_TOTAL_DIFFERS = "IMPORTED_TOTAL_DIFFERS"
    IMPORTED_PART_DIFFERS = "IMPORTED_PART_DIFFERS"
    TYPE_NOT_STATED = "TYPE_NOT_STATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """That two figures do not agree."""

    kind: FindingKind
    types: tuple[Type, ...] = ()
    stated_count: int
    found_count: int


def find_differences(
    *, stated_total: int, parts: Sequence[Part], imported: Mapping[Type, int]
) -> list[Finding]:
    """Return what of a list does not agree; `imported` counts its projects by type."""
    kinds = FindingKind
    parts_sum = sum(part.stated_count for part in parts)
    compared = [
        Finding(kind=kinds.PARTS_DO_NOT_ADD_UP, stated_count=stated_total, found_count=parts_sum),
        Finding(
            kind=kinds.IMPORTED_TOTAL_DIFFERS,
            stated_count=stated_total,
            found_count=sum(imported.values()),
        ),
    ]
    compared += [
        Finding(
            kind=kinds.IMPORTED_PART_DIFFERS,
            types=part.types,
            stated_count=part.stated_count,
            found_count=sum(imported.get(each, 0) for each in part.types),
        )
        for part in parts
    ]
    stated = {each for part in parts for each in part.types}
    compared += [
        Finding(kind=kinds.TYPE_NOT_STATED, types=(each,), stated_count=0, found_count=count)
        for each, count in sorted(imported.items())
        if each not in stated
    ]
    return [each for each in compared if each.stated_count != each.found_count]


@dataclass(kw_only=True)
class ProvincialList(Aggregate):
    """A list as a province published it, registered by the bureau that keeps it."""

    id: UUID
    organisation: str
    province_code: str
    approval_year: int
    title: str
    document_number: str
    publish_date: date
    stated_total: int
    parts: Sequence[Part]
    made_up: bool

    @classmethod
    def publish(cls, *, new_id: UUID, party: str, **facts: object) -> Self:
        """Register a list; its parts name each type once."""
        published = cls(id=new_id, organisation=party, **facts)  # type: ignore[arg-type]
        named: set[Type] = set()
        for each in (type_ for part in published.parts for type_ in part.types):
            if each in named:
                raise ListedTypeRepeated(type=each)
            named.add(each)
        published._happened(Event.PROVINCIAL_LIST_PUBLISHED)
        return published

    def check_may_import(self, *, party: str) -> None:
        """Refuse anyone but the bureau that keeps the list."""
        if party != self.organisation:
            raise NotListKeeper(party=party, keeper=self.organisation)


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What became of one row, and why not."""

    index: int
    outcome: Outcome
    project_id: str = ""
    reason: str = ""
    message_zh: str = ""
    message_en: str = ""


@dataclass(kw_only=True)
class ProvincialListImport(Aggregate):
    """What one call of an import did."""

    id: UUID
    list_id: UUID
    organisation: str
    import_time: datetime
    rows: Sequence[RowOutcome]

    @classmethod
    def record(
        cls,
        *,
        new_id: UUID,
        provincial_list: ProvincialList,
        rows: Sequence[RowOutcome],
        now: datetime,
    ) -> Self:
        """Record what became of the rows."""
        done = cls(
            id=new_id,
            list_id=provincial_list.id,
            organisation=provincial_list.organisation,
            import_time=now,
            rows=rows,
        )
        done._happened(Event.PROVINCIAL_LIST_IMPORTED)
        return done

    def count(self, outcome: Outcome) -> int:
        """Count the rows of an outcome."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def has_changes(self) -> bool:
        """Whether a row made or changed a project."""
        return any(row.outcome in {Outcome.NEW, Outcome.CHANGED} for row in self.rows)
