"""Confirms placements of the caller's school, as another person than who recorded them."""

from collections.abc import Sequence
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.placement import Placement
from services.enrollment.store import persons, placements


async def confirm_placements(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller, now: datetime
) -> list[Placement | DomainError]:
    """Confirm those that no rule refuses."""
    ids = [item.id for item in items]
    of = await persons.get_many(tx, await placements.find_person_ids(tx, ids))
    # Loaded after the locks are held: a statement of its own sees what was committed before.
    loaded = await placements.get_many(tx, ids)

    def confirm(item: Target) -> Placement:
        placement = loaded.get(item.id)
        if placement is None or placement.organisation != caller.organisation:
            raise ResourceNotFound(name=name_of("placements", item.id))
        check_etag(item.etag, placement.version)
        of[placement.person_id].check_not_erased()
        placement.confirm(actor=caller.subject, today=civil_date(now))
        return placement

    results = each(items, confirm)
    await placements.add_versions(tx, done(results))
    return results
