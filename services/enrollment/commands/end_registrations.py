"""Ends registrations whose application was cancelled: the re-check failed."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import db
from services.enrollment.domain.back_stage_registration import BackStageRegistration, State
from services.enrollment.store import back_stage_registrations, status_records


async def end_registrations(
    tx: db.Transaction, application_ids: Sequence[UUID], *, on: date
) -> list[BackStageRegistration]:
    """Return the registrations ended, each with its back-stage record if there was one.

    One that is unknown or was ended before has no second effect. A registration is locked before
    its back-stage record; nothing locks the two in the other order.
    """
    loaded = await back_stage_registrations.get_many(tx, application_ids)
    ending = [each for each in loaded.values() if each.state is not State.ENDED]
    records = await status_records.get_many(
        tx, [each.status_record_id for each in ending if each.status_record_id]
    )
    open_records = [each for each in records.values() if each.is_open]
    for record in open_records:
        record.end(on=on)
    for registration in ending:
        registration.end()
    await status_records.save_many(tx, open_records)
    await back_stage_registrations.save_many(tx, ending)
    return ending
