"""Counts registrations for the indicators of the two schools, with their events as evidence."""

from collections.abc import Sequence

from chassis import db
from services.assistance.domain.indicator import Indicator, Kind
from services.assistance.domain.registration import Registration
from services.assistance.store import evidence, indicators, registrations


async def count_registrations(tx: db.Transaction, items: Sequence[Registration]) -> list[Indicator]:
    """Record what became of applications, each once in `items`; return the indicators recounted.

    A version that is known already, or older, changes nothing: so an event counts once however
    often it is delivered, and a registration that was cancelled does not come back.
    """
    schools = [item.schools for item in items]
    await registrations.lock_schools(tx, schools)
    known = await registrations.find_versions(tx, [item.id for item in items])
    newer = [item for item in items if item.version > known.get(item.id, 0)]
    if not newer:
        return []
    await registrations.save_many(tx, newer)
    counting = await indicators.list_of_schools(tx, schools, Kind.STUDENTS_REGISTERED)
    added = await evidence.add_many(
        tx,
        [
            (indicator, item)
            for item in newer
            if item.is_registered
            for indicator in counting
            if indicator.schools == item.schools
        ],
    )
    withdrawn = await evidence.withdraw_many(tx, [item for item in newer if not item.is_registered])
    changed = [each for each in counting if added[each.id] or withdrawn[each.id]]
    for indicator in changed:
        indicator.count(added=added[indicator.id], withdrawn=withdrawn[indicator.id])
    await indicators.save_many(tx, changed)
    return changed
