"""Declares pathway projects as their back college."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.cataloguing import Wanted, load_catalogues
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import PATHWAYS, InternshipArrangement, Type
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.refusals import PathwayProjectAlreadyDeclared
from services.enrollment.store import organisations, pathway_projects
from services.enrollment.store.intakes import get_intakes


@dataclass(frozen=True, kw_only=True)
class DeclarePathwayProject:
    """A project to declare."""

    project_number: str
    type: Type
    approval_year: int
    front: str
    front_major: str
    front_major_code: str
    back: str
    back_major: str
    back_major_code: str
    front_plan: int
    back_plan: int
    made_up: bool
    front_internship_arrangement: InternshipArrangement | None = None
    back_internship_arrangement: InternshipArrangement | None = None
    front_direction: str = ""
    back_direction: str = ""


async def declare_pathway_projects(
    tx: db.Transaction,
    items: Sequence[DeclarePathwayProject],
    *,
    caller: Caller,
    policies: PolicyTable,
    now: datetime,
) -> list[PathwayProject | DomainError]:
    """Declare those that no rule refuses; a pair of schools and majors is declared once a year."""
    parties = {party for item in items for party in (item.front, item.back)}
    found = await organisations.find_many(tx, sorted(parties))
    catalogues = await load_catalogues(tx, [each for item in items for each in _majors(item)])
    declared = await pathway_projects.find_declared(
        tx,
        years=[item.approval_year for item in items],
        backs=[item.back for item in items],
    )

    intakes = await get_intakes(
        tx,
        policies,
        years=[item.approval_year for item in items],
        backs=[item.back for item in items],
    )

    def declare(item: DeclarePathwayProject) -> PathwayProject:
        for party in (item.front, item.back):
            if party not in found:
                raise ResourceNotFound(name=name_of("organisations", party))
            found[party].check_open_to_new(on=civil_date(now))
        for major in _majors(item):
            catalogues.check(major)
        project = PathwayProject.declare(
            party=caller.organisation,
            new_id=new_id(),
            front_kind=found[item.front].kind,
            back_kind=found[item.back].kind,
            **asdict(item),
        )
        pair = pathway_projects.pair_of(project)
        if pair in declared:
            raise PathwayProjectAlreadyDeclared(
                approval_year=str(item.approval_year),
                name=name_of("pathwayProjects", declared[pair]),
            )
        declared[pair] = project.id
        intakes.add(project)
        intakes.warn(project)
        return project

    results = each(items, declare)
    await pathway_projects.add_many(tx, done(results))
    return results


def _majors(item: DeclarePathwayProject) -> list[Wanted]:
    """Return the codes that an item names, as of the autumn in which its front stage begins."""
    pathway = PATHWAYS[item.type]
    autumn = date(item.approval_year, 9, 1)
    return [
        Wanted(item.front_major_code, pathway.front_level, autumn),
        Wanted(item.back_major_code, pathway.back_level, autumn),
    ]
