"""Places that colleges plan for a year, summed, and where the colleges are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Text, any_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.domain.intakes import IntakeLimit, IntakeWarning, find_limit
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import Type
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store.tables import cohort, organisation, pathway_project

_PROVINCE_DIGITS = 2
_PROJECT = pathway_project.c
# A project that was stopped before anybody could join has no intake.
TAKES_IN = or_(
    _PROJECT.state.not_in([literal_column("'STOPPED'"), literal_column("'CLOSED'")]),
    select(cohort.c.id).where(cohort.c.project_id == _PROJECT.id).exists(),
)
_PROVINCES = db.compile(
    select(organisation.c.id, organisation.c.region_code).where(
        organisation.c.id == any_(bindparam("backs", type_=ARRAY(Text)))
    )
)
_PLANNED = db.compile(
    select(
        _PROJECT.approval_year,
        _PROJECT.back,
        _PROJECT.type,
        func.sum(_PROJECT.front_plan).label("planned"),
    )
    .where(
        _PROJECT.approval_year == any_(bindparam("years", type_=ARRAY(Integer))),
        _PROJECT.back == any_(bindparam("backs", type_=ARRAY(Text))),
        TAKES_IN,
    )
    .group_by(_PROJECT.approval_year, _PROJECT.back, _PROJECT.type)
)


@dataclass(frozen=True)
class Intakes:
    """The planned intakes of colleges, to which a command adds what it declares."""

    planned: dict[tuple[int, str, Type], int]
    provinces: dict[str, str]
    policies: PolicyTable

    def add(self, project: PathwayProject) -> None:
        """Count a project that is not stored yet."""
        self._count(project, project.type, project.front_plan)

    def move(self, project: PathwayProject, *, former_type: Type, former_plan: int) -> None:
        """Count a project whose type or plan changed as it is now."""
        self._count(project, former_type, -former_plan)
        self.add(project)

    def _count(self, project: PathwayProject, type_: Type, places: int) -> None:
        key = (project.approval_year, project.back, type_)
        self.planned[key] = self.planned.get(key, 0) + places

    def warn(self, project: PathwayProject) -> None:
        """Write on a project what is to be warned of, if its type is counted."""
        limit = self._limit(project)
        warning = None if limit is None else self._check(project, limit)
        project.warnings = [] if warning is None else [warning]

    def _limit(self, project: PathwayProject) -> IntakeLimit | None:
        province = self.provinces.get(project.back, "")
        limit = find_limit(self.policies, province=province, approval_year=project.approval_year)
        return limit if limit is not None and project.type in limit.types else None

    def _check(self, project: PathwayProject, limit: IntakeLimit) -> IntakeWarning | None:
        year, back = project.approval_year, project.back
        planned = sum(self.planned.get((year, back, each), 0) for each in limit.types)
        return limit.check(back=back, approval_year=year, planned_intake=planned)


async def get_intakes(
    tx: db.Transaction,
    policies: PolicyTable,
    *,
    years: Iterable[int],
    backs: Iterable[str],
) -> Intakes:
    """Load the planned intakes of colleges for years."""
    wanted: Sequence[str] = sorted(set(backs))
    planned = await tx.fetch(_PLANNED, years=sorted(set(years)), backs=wanted)
    regions = await tx.fetch(_PROVINCES, backs=wanted)
    return Intakes(
        planned={
            (row["approval_year"], row["back"], Type(row["type"])): row["planned"]
            for row in planned
        },
        provinces={row["id"]: row["region_code"][:_PROVINCE_DIGITS] for row in regions},
        policies=policies,
    )
