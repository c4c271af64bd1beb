"""Returns electronic registrations to their schools."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.electronic_registration import ElectronicRegistration, ReturnReason
from services.enrollment.store import electronic_registrations


@dataclass(frozen=True, kw_only=True)
class ReturnElectronicRegistration(Target):
    """A registration to return, and why."""

    return_reason: ReturnReason


async def return_electronic_registrations(
    tx: db.Transaction,
    items: Sequence[ReturnElectronicRegistration],
    *,
    caller: Caller,
    today: date,
) -> list[ElectronicRegistration | DomainError]:
    """Return those that no rule refuses."""
    loaded = await electronic_registrations.get_many(tx, [item.id for item in items])

    def send_back(item: ReturnElectronicRegistration) -> ElectronicRegistration:
        found = visible_to_chain(loaded, item, caller, collection="electronicRegistrations")
        found.send_back(party=caller.organisation, today=today, return_reason=item.return_reason)
        return found

    results = each(items, send_back)
    await electronic_registrations.save_many(tx, done(results))
    return results
