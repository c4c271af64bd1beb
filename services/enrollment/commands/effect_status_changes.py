"""Puts approved status changes into effect: on the record, and on the membership that follows it.

Locks are taken in the order change, record, member, registration, person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.chaining import visible_to_chain
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.commands.deciding import decide_again
from services.enrollment.commands.separating import find_separation
from services.enrollment.domain.cohort_member import CohortMember, Why
from services.enrollment.domain.cohort_member import State as MemberState
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.domain.status_change_refusals import StatusChangeNotPossible
from services.enrollment.domain.status_record import State, StatusRecord
from services.enrollment.domain.status_spans import Spans
from services.enrollment.domain.student_status import CHANGE_CODES, EFFECTS, ENDING, ChangeKind
from services.enrollment.store import cohort_members, persons, status_changes, status_records

_WHY_LEFT: Final[Mapping[ChangeKind, Why]] = {
    ChangeKind.TRANSFER_OUT: Why.CHANGED_SCHOOL,
    ChangeKind.CHANGE_MAJOR: Why.CHANGED_MAJOR,
    ChangeKind.WITHDRAW: Why.WITHDREW,
    ChangeKind.EXPEL: Why.EXPELLED,
    ChangeKind.DIE: Why.DIED,
    ChangeKind.CANCEL_ADMISSION: Why.CANCELLED,
    ChangeKind.CANCEL_RECORD: Why.CANCELLED,
}


async def effect_status_changes(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller, now: datetime
) -> list[StatusChange | DomainError]:
    """Put those into effect that no rule refuses, and whose records still allow it."""
    loaded = await status_changes.get_many(tx, [item.id for item in items])
    records = await status_records.get_many(
        tx, [change.status_record_id for change in loaded.values()]
    )
    members = await cohort_members.get_many(
        tx, [record.member_id for record in records.values() if record.member_id]
    )
    person_ids = [record.person_id for record in records.values()]
    spans = await status_records.get_spans(tx, person_ids)
    received: list[StatusRecord] = []
    # A class may have been renamed, or given to a cohort, since the change was proposed.
    separation = await find_separation(
        tx, [records[each.status_record_id] for each in loaded.values() if each.new_class_name]
    )

    def effect(item: Target) -> StatusChange:
        change = visible_to_chain(loaded, item, caller, collection="statusChanges")
        record = records[change.status_record_id]
        if not record.is_open or record.status not in EFFECTS[change.kind].begins:
            raise StatusChangeNotPossible(kind=change.kind, status=record.status)
        separation.of(record).check(change.new_class_name, kind=change.kind)
        change.effect(party=caller.organisation, today=civil_date(now))
        received.extend(_change_record(record, change, spans))
        return change

    results = each(items, effect)
    effected = done(results)
    changed = [records[change.status_record_id] for change in effected]
    await status_records.save_many(tx, changed)
    await status_records.add_many(tx, received)
    await _show_to_receiving(tx, received)
    left = await _follow(tx, effected, records=records, members=members, now=now)
    await status_changes.save_many(tx, effected)
    await _decide_again(tx, left, [record for record in changed if not record.is_open])
    return results


def _change_record(record: StatusRecord, change: StatusChange, spans: Spans) -> list[StatusRecord]:
    """Change a record; return the one at the receiving school, if the student goes there."""
    effect, on = EFFECTS[change.kind], change.effective_date
    if effect.to in ENDING:
        record.leave(effect.to, on=on, change_id=change.id)
        spans.replace(record)
    else:
        record.study(
            effect.to or record.status,
            on=on,
            change_id=change.id,
            major_code=change.new_major_code,
            class_name=change.new_class_name,
            grade_shift=effect.grade_shift,
            years_shift=effect.years_shift,
        )
    if change.kind is not ChangeKind.TRANSFER_OUT:
        return []
    received = record.receive(
        new_id=new_id(),
        organisation=change.receiving,
        major_code=change.new_major_code or record.major_code,
        on=on,
        change_id=change.id,
    )
    spans.add(received)
    return [received]


async def _show_to_receiving(tx: db.Transaction, received: Sequence[StatusRecord]) -> None:
    """Let receiving schools see the persons whom they receive."""
    if not received:
        return
    found = await persons.get_many(tx, [record.person_id for record in received])
    for record in received:
        found[record.person_id].join(front=record.organisation, back=record.organisation)
    await persons.save_many(tx, list(found.values()))


async def _follow(
    tx: db.Transaction,
    effected: Sequence[StatusChange],
    *,
    records: Mapping[UUID, StatusRecord],
    members: Mapping[UUID, CohortMember],
    now: datetime,
) -> list[CohortMember]:
    """Let members follow their records; return those who left the pathway."""
    changed: list[CohortMember] = []
    for change in effected:
        record = records[change.status_record_id]
        member = members.get(record.member_id) if record.member_id else None
        if member is not None and member.is_in_pathway:
            _lead(member, record, change, now=now)
            changed.extend([member] if member.event else [])
    await cohort_members.save_many(tx, changed)
    return [member for member in changed if member.state is MemberState.LEFT]


def _lead(
    member: CohortMember, record: StatusRecord, change: StatusChange, *, now: datetime
) -> None:
    """Who changes school or major, or ends the record, leaves the pathway for good (GD19)."""
    on = change.effective_date
    if not record.is_open or change.kind is ChangeKind.CHANGE_MAJOR:
        member.leave(
            left_reason=f"{CHANGE_CODES[change.kind]} {change.kind}",
            why=_WHY_LEFT.get(change.kind, Why.LEFT_OTHERWISE),
            on=on,
            now=now,
        )
    elif record.state is State.AWAY and member.state is MemberState.ACTIVE:
        member.suspend(on=on)
    elif record.state is State.IN_SCHOOL and member.state is MemberState.SUSPENDED:
        member.resume(on=on)
    elif change.kind is ChangeKind.CHANGE_CLASS and record.class_name != member.class_name:
        member.assign_class(record.class_name, why=Why.CLASS_CHANGED, on=on)


async def _decide_again(
    tx: db.Transaction, left: Sequence[CohortMember], ended: Sequence[StatusRecord]
) -> None:
    """Decide the arrivals that wait for who left, or for a record that ended."""
    if left:
        await decide_again(tx, left, front_records={})
    if not ended:
        return
    found = await cohort_members.list_of_persons(tx, [record.person_id for record in ended])
    ids = [member.id for member in found if member.id not in {each.id for each in left}]
    if ids:
        front_records = await status_records.get_front_of_members(tx, ids)
        others = await cohort_members.get_many(tx, ids)
        await decide_again(tx, list(others.values()), front_records=front_records)
