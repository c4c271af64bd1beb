"""Records graduations; what waited for one at a back college is tried again at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.commands.deciding import decide_again
from services.enrollment.domain.status_record import Stage, StatusRecord
from services.enrollment.store import cohort_members, status_records


@dataclass(frozen=True, kw_only=True)
class GraduateStatusRecord(Target):
    """A graduation to record."""

    sealed_diploma_number: bytes = field(repr=False)
    graduate_date: date


async def graduate_status_records(
    tx: db.Transaction, items: Sequence[GraduateStatusRecord], *, caller: Caller
) -> list[StatusRecord | DomainError]:
    """Record those that no rule refuses; members follow, and waiting registrations complete."""
    loaded = await status_records.get_many(tx, [item.id for item in items])

    def graduate(item: GraduateStatusRecord) -> StatusRecord:
        record = visible(loaded, item, caller, collection="statusRecords")
        record.graduate(
            party=caller.organisation,
            sealed_diploma_number=item.sealed_diploma_number,
            graduate_date=item.graduate_date,
        )
        return record

    results = each(items, graduate)
    graduated = done(results)
    await status_records.save_many(tx, graduated)
    await _follow(tx, [record for record in graduated if record.stage is Stage.FRONT])
    return results


async def _follow(tx: db.Transaction, front_records: Sequence[StatusRecord]) -> None:
    """Graduate the members who are still in the pathway, and decide waiting arrivals again."""
    if not front_records:
        return
    by_member = {record.member_id: record for record in front_records if record.member_id}
    loaded = await cohort_members.get_many(tx, list(by_member))
    members = [member for member in loaded.values() if member.is_in_pathway]
    for member in members:
        graduate_date = by_member[member.id].graduate_date
        if graduate_date is None:
            raise RuntimeError(f"record of member {member.id} is not graduated")
        member.graduate(on=graduate_date + timedelta(days=1))
    await cohort_members.save_many(tx, members)
    await decide_again(tx, members, front_records=by_member)
