"""Grades enterprise colleges as their colleges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.cooperating import change_cooperations
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import Organisations
from services.enrollment.domain.cooperation_parts import Grade


@dataclass(frozen=True, kw_only=True)
class ChangeCooperationGrade(Target):
    """A grade to give."""

    grade: Grade


async def change_cooperation_grades(
    tx: db.Transaction, items: Sequence[ChangeCooperationGrade], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)

    def change(found: Cooperation, item: ChangeCooperationGrade, _: Organisations) -> None:
        found.change_grade(item.grade, party=party, today=today)

    return await change_cooperations(tx, items, change, caller=caller)
