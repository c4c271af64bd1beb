"""Approves electronic registrations (核准): the records become 学籍."""

from collections.abc import Sequence
from datetime import date

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.electronic_registration import ElectronicRegistration
from services.enrollment.store import electronic_registrations, status_records


async def approve_electronic_registrations(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller, today: date
) -> list[ElectronicRegistration | DomainError]:
    """Approve those that no rule refuses, and note it on their records."""
    loaded = await electronic_registrations.get_many(tx, [item.id for item in items])

    def approve(item: Target) -> ElectronicRegistration:
        found = visible_to_chain(loaded, item, caller, collection="electronicRegistrations")
        found.approve(party=caller.organisation, today=today)
        return found

    results = each(items, approve)
    approved = done(results)
    await electronic_registrations.save_many(tx, approved)
    records = await status_records.get_many(tx, [each.status_record_id for each in approved])
    for record in records.values():
        record.register(on=today)
    await status_records.save_many(tx, list(records.values()))
    return results
