"""Erases again, after a restore, who is on the key store's list of erasures.

The keys of those are gone already (`python -m chassis.keystore reapply-erasures`); what a restored
database holds of them in clear is cleared here, with change rows, so that mirrors follow. Runs at
each start of the service; where everybody on the list is erased it reads and writes nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis import db
from services.enrollment.commands.erase_persons import forget
from services.enrollment.store import persons


async def reapply_erasures(tx: db.Transaction, subject_ids: Sequence[UUID]) -> int:
    """Forget the persons of a list who are not erased; return how many there were."""
    found = await persons.list_not_erased(tx, subject_ids)
    if found:
        await forget(tx, found)
    return len(found)
