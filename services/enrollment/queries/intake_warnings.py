"""Reads which colleges plan more places for a year than they are allowed for long.

The lists of projects are published, so this is visible to everybody.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Text, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.paging import Page, split
from services.enrollment.domain.intakes import IntakeLimit
from services.enrollment.store.intakes import TAKES_IN
from services.enrollment.store.tables import organisation, pathway_project

_KINDS = {"province": Text, "type": Text, "intake_max": Integer}


def _statement() -> db.Statement:
    limits = (
        func.unnest(*(bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in _KINDS.items()))
        .table_valued(*_KINDS, joins_implicitly=True)
        .render_derived()
    )
    project = pathway_project.c
    planned = func.sum(project.front_plan)
    return db.compile(
        select(
            project.back,
            planned.label("planned_intake"),
            func.min(limits.c.province).label("province"),
        )
        .join_from(pathway_project, organisation, organisation.c.id == project.back)
        .join(
            limits,
            and_(
                limits.c.province == func.left(organisation.c.region_code, 2),
                limits.c.type == project.type,
            ),
        )
        .where(
            project.approval_year == bindparam("approval_year", type_=Integer),
            project.back > bindparam("after", type_=Text),
            TAKES_IN,
        )
        .group_by(project.back)
        .having(planned > func.min(limits.c.intake_max))
        .order_by(project.back)
        .limit(bindparam("limit", type_=Integer))
    )


_LIST = _statement()


async def list_intake_warnings(
    reader: db.Reader, page: Page, *, limits: Sequence[IntakeLimit], approval_year: int
) -> tuple[list[Mapping[str, Any]], str]:
    """Return a page of warnings, in order of the colleges, and the token of the next."""
    by_province = {limit.province: limit for limit in limits}
    counted = [(limit, type_) for limit in limits for type_ in sorted(limit.types)]
    found = await reader.fetch(
        _LIST,
        provinces=[limit.province for limit, _ in counted],
        types=[type_ for _, type_ in counted],
        intake_maxs=[limit.intake_max for limit, _ in counted],
        approval_year=approval_year,
        after=page.after or "",
        limit=page.limit,
    )
    rows, next_token = split(page, found, "back")
    warnings: list[Mapping[str, Any]] = [
        {
            **row,
            "approval_year": approval_year,
            "intake_max": by_province[row["province"]].intake_max,
            "cut_from_year": by_province[row["province"]].cut_from_year,
            "source": by_province[row["province"]].source,
        }
        for row in rows
    ]
    return warnings, next_token
