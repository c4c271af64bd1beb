"""Declares pathway projects as their back college."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import InternshipArrangement, Type
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


async def declare_pathway_projects(
    tx: db.Transaction,
    items: Sequence[DeclarePathwayProject],
    *,
    caller: Caller,
    policies: PolicyTable,
) -> list[PathwayProject | DomainError]:
    """Declare those that no rule refuses; a pair of schools and majors is declared once a year."""
    parties = {party for item in items for party in (item.front, item.back)}
    kinds = await organisations.find_kinds(tx, sorted(parties))
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
            if party not in kinds:
                raise ResourceNotFound(name=name_of("organisations", party))
        project = PathwayProject.declare(
            party=caller.organisation,
            new_id=new_id(),
            front_kind=kinds[item.front],
            back_kind=kinds[item.back],
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
