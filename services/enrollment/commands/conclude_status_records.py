"""Ends records without a diploma (结业, 肄业); who so ends the front stage leaves the pathway."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.commands.deciding import decide_again
from services.enrollment.commands.placing import find_authorities
from services.enrollment.domain.cohort_member import Why
from services.enrollment.domain.conclusions import check_conclusion
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_record import Stage, StatusRecord
from services.enrollment.domain.student_status import STATUS_CODES, StudentStatus
from services.enrollment.store import cohort_members, status_records

_WHYS: Final = {StudentStatus.COMPLETED: Why.COMPLETED, StudentStatus.ATTENDED: Why.ATTENDED}


@dataclass(frozen=True, kw_only=True)
class ConcludeStatusRecord(Target):
    """A record to end without a diploma: COMPLETED or ATTENDED."""

    status: StudentStatus
    sealed_certificate_number: bytes = field(repr=False)
    conclude_date: date


async def conclude_status_records(
    tx: db.Transaction,
    items: Sequence[ConcludeStatusRecord],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[StatusRecord | DomainError]:
    """End those that no rule refuses; members leave, and arrivals that wait are refused."""
    loaded = await status_records.get_many(tx, [item.id for item in items])
    authorities = await find_authorities(tx, list(loaded.values()))

    def conclude(item: ConcludeStatusRecord) -> StatusRecord:
        record = visible(loaded, item, caller, collection="statusRecords")
        if caller.organisation != record.organisation:
            raise NotRecordHolder(party=caller.organisation)
        check_conclusion(
            record,
            item.status,
            on=item.conclude_date,
            today=civil_date(now),
            place=authorities.place_of(record),
            policies=policies,
        )
        record.conclude(
            item.status,
            party=caller.organisation,
            sealed_certificate_number=item.sealed_certificate_number,
            conclude_date=item.conclude_date,
        )
        return record

    results = each(items, conclude)
    concluded = done(results)
    await status_records.save_many(tx, concluded)
    await _follow(tx, [each for each in concluded if each.stage is Stage.FRONT], now=now)
    return results


async def _follow(
    tx: db.Transaction, front_records: Sequence[StatusRecord], *, now: datetime
) -> None:
    """Let members leave for good (GD19): without a front diploma nobody transfers."""
    by_member = {record.member_id: record for record in front_records if record.member_id}
    if not by_member:
        return
    loaded = await cohort_members.get_many(tx, list(by_member))
    leaving = [member for member in loaded.values() if member.is_in_pathway]
    for member in leaving:
        record = by_member[member.id]
        ended_on = record.valid_to_date or civil_date(now)
        member.leave(
            left_reason=f"{STATUS_CODES[record.status]} {record.status}",
            why=_WHYS[record.status],
            on=ended_on + timedelta(days=1),
            now=now,
        )
    await cohort_members.save_many(tx, leaving)
    await decide_again(tx, leaving, front_records={})
