"""Ends cooperations for good; their pupils leave with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done
from services.enrollment.commands.cooperating import change_cooperations
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import Organisations
from services.enrollment.store import cooperation_pupils


@dataclass(frozen=True, kw_only=True)
class EndCooperation(Target):
    """A cooperation to end."""

    reason: str


async def end_cooperations(
    tx: db.Transaction, items: Sequence[EndCooperation], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """End those that no rule refuses; whoever is on a roster leaves on the same day."""
    party, today = caller.organisation, civil_date(now)

    def change(found: Cooperation, item: EndCooperation, _: Organisations) -> None:
        found.end(party=party, reason=item.reason, today=today)

    results = await change_cooperations(tx, items, change, caller=caller)
    ended = {each.id: each for each in done(results)}
    pupils = await cooperation_pupils.list_on_rosters(tx, list(ended))
    for pupil in pupils:
        pupil.schools = ended[pupil.cooperation_id].schools
        pupil.follow_end(on=today)
    await cooperation_pupils.save_many(tx, pupils)
    return results
