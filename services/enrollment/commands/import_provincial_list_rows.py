"""Imports rows of a provincial list: each is new, changed, the same, or an error.

The natural key is (year, front, front major, back, back major). The same rows again change
nothing, absence never deletes, and one wrong row sinks none of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import ListedRow, PathwayProject
from services.enrollment.domain.pathway_refusals import ListRowRepeated
from services.enrollment.domain.pathways import Type
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.provincial_list import (
    Outcome,
    ProvincialList,
    ProvincialListImport,
    RowOutcome,
)
from services.enrollment.store import organisations, pathway_projects, provincial_lists
from services.enrollment.store.intakes import Intakes, get_intakes

Pair = tuple[int, str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as it was sent; the year is the list's."""

    project_number: str
    type: Type
    front: str
    front_major: str
    front_major_code: str
    back: str
    back_major: str
    back_major_code: str
    front_plan: int
    back_plan: int


@dataclass(frozen=True, kw_only=True)
class ImportProvincialListRows:
    """Rows to import into a list, or only to validate."""

    list_id: UUID
    rows: list[Row]
    validate_only: bool


class NothingWritten(Exception):
    """Rolls back a call that was only to validate, or that changes nothing; it has the outcome."""

    def __init__(self, outcome: ProvincialListImport) -> None:
        super().__init__()
        self.outcome = outcome


async def import_provincial_list_rows(
    tx: db.Transaction,
    items: Sequence[ImportProvincialListRows],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[ProvincialListImport | DomainError]:
    """Import one call's rows; raises NothingWritten with the outcome where nothing is to write."""
    (item,) = items
    lists = await provincial_lists.get_many(tx, [item.list_id])
    found = lists.get(item.list_id)
    if found is None:
        raise ResourceNotFound(name=name_of("provincialLists", item.list_id))
    found.check_may_import(party=caller.organisation)
    work = await _load(tx, [_listed(row, found) for row in item.rows], found, policies)
    outcomes = [work.take(index, row) for index, row in enumerate(work.rows)]
    done = ProvincialListImport.record(
        new_id=new_id(), provincial_list=found, rows=outcomes, now=now
    )
    if item.validate_only or not done.has_changes:
        raise NothingWritten(done)
    await pathway_projects.add_many(tx, work.entered)
    await pathway_projects.save_many(tx, work.changed)
    await provincial_lists.add_imports(tx, [done])
    return [done]


def _listed(row: Row, provincial_list: ProvincialList) -> ListedRow:
    names = ("project_number", "type", "front_major", "back_major", "front_plan", "back_plan")
    return ListedRow(
        list_id=provincial_list.id,
        document_number=provincial_list.document_number,
        approval_year=provincial_list.approval_year,
        front=row.front,
        front_major_code=row.front_major_code,
        back=row.back,
        back_major_code=row.back_major_code,
        made_up=provincial_list.made_up,
        facts={name: getattr(row, name) for name in names},
    )


async def _load(
    tx: db.Transaction,
    rows: list[ListedRow],
    provincial_list: ProvincialList,
    policies: PolicyTable,
) -> "_Import":
    year = provincial_list.approval_year
    parties = sorted({party for row in rows for party in (row.front, row.back)})
    pairs = sorted({row.pair for row in rows})
    return _Import(
        rows=rows,
        projects=await pathway_projects.get_of_pairs(tx, pairs, approval_year=year),
        kinds=await organisations.find_kinds(tx, parties),
        intakes=await get_intakes(tx, policies, years=[year], backs=[row.back for row in rows]),
    )


@dataclass
class _Import:
    """The rows of a call, taken one after another."""

    rows: list[ListedRow]
    projects: Mapping[Pair, PathwayProject]
    kinds: Mapping[str, Kind]
    intakes: Intakes
    entered: list[PathwayProject] = field(default_factory=list)
    changed: list[PathwayProject] = field(default_factory=list)
    seen: dict[Pair, int] = field(default_factory=dict)

    def take(self, index: int, row: ListedRow) -> RowOutcome:
        """Return what becomes of a row; a refusal is its outcome."""
        try:
            outcome, project = self._take(index, row)
        except DomainError as refusal:
            return RowOutcome(
                index=index,
                outcome=Outcome.ERROR,
                reason=refusal.reason,
                message_zh=refusal.message("zh-CN"),
                message_en=refusal.message("en"),
            )
        return RowOutcome(index=index, outcome=outcome, project_id=str(project.id))

    def _take(self, index: int, row: ListedRow) -> tuple[Outcome, PathwayProject]:
        if row.pair in self.seen:
            raise ListRowRepeated(index=str(self.seen[row.pair]))
        self.seen[row.pair] = index
        for party in (row.front, row.back):
            if party not in self.kinds:
                raise ResourceNotFound(name=name_of("organisations", party))
        project = self.projects.get(row.pair)
        if project is None:
            project = PathwayProject.enter_listed(row, new_id=new_id(), kinds=self.kinds)
            self.intakes.add(project)
            self.intakes.warn(project)
            self.entered.append(project)
            return Outcome.NEW, project
        former_type, former_plan = project.type, project.front_plan
        if not project.follow_list(row, kinds=self.kinds):
            return Outcome.SAME, project
        self.intakes.move(project, former_type=former_type, former_plan=former_plan)
        self.intakes.warn(project)
        self.changed.append(project)
        return Outcome.CHANGED, project
