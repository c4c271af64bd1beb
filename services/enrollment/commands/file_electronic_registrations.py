"""Files electronic registrations in the window that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import done, each, visible_by_id
from services.enrollment.commands.placing import find_authorities
from services.enrollment.domain.authorities import bureau_of
from services.enrollment.domain.electronic_registration import (
    ElectronicRegistration,
    open_window,
)
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_change import Level
from services.enrollment.domain.status_refusals import ElectronicRegistrationAlreadyFiled
from services.enrollment.store import electronic_registrations, status_records


@dataclass(frozen=True, kw_only=True)
class FileElectronicRegistration:
    """A record to register."""

    status_record_id: UUID


async def file_electronic_registrations(
    tx: db.Transaction,
    items: Sequence[FileElectronicRegistration],
    *,
    caller: Caller,
    today: date,
    policies: PolicyTable,
) -> list[ElectronicRegistration | DomainError]:
    """File those that no rule refuses; the lock of a record keeps it from being filed twice."""
    record_ids = [item.status_record_id for item in items]
    records = await status_records.get_many(tx, record_ids)
    filed = await electronic_registrations.find_filed(tx, record_ids)
    authorities = await find_authorities(tx, list(records.values()))

    def file(item: FileElectronicRegistration) -> ElectronicRegistration:
        record = visible_by_id(records, item.status_record_id, caller, collection="statusRecords")
        if caller.organisation != record.organisation:
            raise NotRecordHolder(party=caller.organisation)
        if record.id in filed:
            name = f"electronicRegistrations/{filed[record.id]}"
            raise ElectronicRegistrationAlreadyFiled(name=name)
        place = authorities.place_of(record)
        window = open_window(policies, on=today, place=place)
        (level,) = policies.texts("status.registration_approver", on=today, place=place)
        region_code = authorities.region_of(record)
        registration = ElectronicRegistration.file(
            record,
            new_id=new_id(),
            party=caller.organisation,
            approver=bureau_of(Level(level), region_code, authorities.bureaus),
            window=window,
            today=today,
        )
        filed[record.id] = registration.id
        return registration

    results = each(items, file)
    await electronic_registrations.add_many(tx, done(results))
    return results
