"""Rejects corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target
from services.enrollment.commands.opening import in_turn
from services.enrollment.domain.person_correction import PersonCorrection
from services.enrollment.store import person_corrections


@dataclass(frozen=True, kw_only=True)
class RejectPersonCorrection(Target):
    """A correction to reject, and why."""

    reason: str


async def reject_person_corrections(
    tx: db.Transaction, items: Sequence[RejectPersonCorrection], *, caller: Caller
) -> list[PersonCorrection | DomainError]:
    """Reject those that no rule refuses."""
    return await in_turn(items, partial(_reject, tx, caller=caller))


async def _reject(
    tx: db.Transaction, item: RejectPersonCorrection, *, caller: Caller
) -> PersonCorrection:
    correction = (await person_corrections.get_many(tx, [item.id])).get(item.id)
    if correction is None or caller.organisation not in correction.parties:
        raise ResourceNotFound(name=name_of("personCorrections", item.id))
    check_etag(item.etag, correction.version)
    correction.reject(actor=caller.subject, reason=item.reason)
    await person_corrections.save_many(tx, [correction])
    return correction
