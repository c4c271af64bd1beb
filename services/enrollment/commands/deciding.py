"""Decides waiting back-stage registrations again, in the transaction of what may unblock them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis import db
from chassis.ids import new_id
from services.enrollment.domain.back_stage_registration import (
    BlockingReason,
    find_blocking_reason,
)
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_spans import span_of
from services.enrollment.store import (
    back_stage_registrations,
    pathway_projects,
    person_merges,
    status_records,
)


async def decide_again(
    tx: db.Transaction,
    members: Sequence[CohortMember],
    *,
    front_records: Mapping[UUID, StatusRecord],
) -> None:
    """Register the waiting arrivals of members that nothing blocks any more.

    The caller holds the locks of the members, and of the front records that it gives by member.
    """
    waiting = await back_stage_registrations.list_waiting(tx, [each.id for each in members])
    if not waiting:
        return
    by_id = {each.id: each for each in members}
    projects = await pathway_projects.get_many(tx, [each.project_id for each in members])
    spans = await status_records.get_spans(tx, [each.person_id for each in members])
    same = await person_merges.find_one_person(
        tx, [(each.person_id, by_id[each.member_id].person_id) for each in waiting]
    )
    records = []
    for registration in waiting:
        member = by_id[registration.member_id]
        reason = find_blocking_reason(
            # The transfer may know the person by the id from before a merge, or a split.
            person_id=member.person_id
            if (registration.person_id, member.person_id) in same
            else registration.person_id,
            project_id=registration.project_id,
            member=member,
            front_record=front_records.get(member.id),
        )
        if reason is None:
            record = StatusRecord.open_back(
                new_id=new_id(),
                member=member,
                project=projects[member.project_id],
                application_id=registration.id,
                arrive_date=registration.arrive_date,
            )
            if spans.find_overlapping(span_of(record)):
                reason = BlockingReason.REGISTERED_ELSEWHERE
        if reason is None:
            spans.add(record)
            records.append(record)
            registration.complete(status_record_id=record.id)
        elif reason is not registration.blocking_reason:
            registration.refuse_again(reason=reason)
    await status_records.add_many(tx, records)
    await back_stage_registrations.save_many(tx, [each for each in waiting if each.event])
