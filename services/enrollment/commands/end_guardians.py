"""Ends guardianships."""

from collections.abc import Sequence

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.guardian import Guardian
from services.enrollment.store import guardians


async def end_guardians(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller
) -> list[Guardian | DomainError]:
    """End those that no rule refuses; consents that were given stay."""
    loaded = await guardians.get_many(tx, [item.id for item in items])

    def end(item: Target) -> Guardian:
        guardian = loaded.get(item.id)
        if guardian is None or caller.organisation not in guardian.parties:
            raise ResourceNotFound(name=name_of("guardians", item.id))
        check_etag(item.etag, guardian.version)
        guardian.end()
        return guardian

    results = each(items, end)
    await guardians.save_many(tx, done(results))
    return results
