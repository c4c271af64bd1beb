"""Takes note of what enrollment decided on arrivals: registered, or not yet and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import State
from services.transfer.store import applications


@dataclass(frozen=True, kw_only=True)
class NoteRegistration:
    """Takes note of one decision: a status record, or the reason that blocks it."""

    application_id: UUID
    status_record_id: UUID | None
    blocking_reason: str


async def note_registrations(
    tx: db.Transaction, items: Sequence[NoteRegistration]
) -> list[Application]:
    """Register or block the applications that wait for it; return those that changed.

    A decision on an application that was cancelled meanwhile changes nothing: enrollment hears
    of the cancellation and ends the record.
    """
    loaded = await applications.get_many(tx, [item.application_id for item in items])
    changed = []
    for item in items:
        application = loaded[item.application_id]
        if application.state is not State.ARRIVED:
            continue
        if item.status_record_id is not None:
            application.register(status_record_id=item.status_record_id)
        elif item.blocking_reason != application.blocking_reason:
            application.block(reason=item.blocking_reason)
        else:
            continue
        changed.append(application)
    await applications.save_many(tx, changed)
    return changed
