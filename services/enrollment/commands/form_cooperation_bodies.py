"""Forms bodies of consortia."""

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
from services.enrollment.domain.cooperation_parts import BodyKind


@dataclass(frozen=True, kw_only=True)
class FormCooperationBody(Target):
    """A body to form, or to form anew."""

    kind: BodyKind
    head: str
    members: tuple[str, ...]


async def form_cooperation_bodies(
    tx: db.Transaction, items: Sequence[FormCooperationBody], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)

    def change(found: Cooperation, item: FormCooperationBody, _: Organisations) -> None:
        found.form_body(item.kind, head=item.head, members=item.members, party=party, today=today)

    return await change_cooperations(tx, items, change, caller=caller)
