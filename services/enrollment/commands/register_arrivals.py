"""Decides on arrivals that the transfer reports: registered, or refused with what blocks it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis import db
from chassis.ids import new_id
from services.enrollment.domain.back_stage_registration import (
    Arrival,
    BackStageRegistration,
    BlockingReason,
    find_blocking_reason,
)
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_spans import Spans, span_of
from services.enrollment.store import (
    back_stage_registrations,
    cohort_members,
    pathway_projects,
    person_merges,
    status_records,
)


async def register_arrivals(
    tx: db.Transaction, arrivals: Sequence[Arrival]
) -> list[BackStageRegistration]:
    """Return the registrations made; an arrival that was decided before has no second effect."""
    member_ids = [arrival.member_id for arrival in arrivals]
    records = await status_records.get_front_of_members(tx, member_ids)
    members = await cohort_members.get_many(tx, member_ids)
    projects = await pathway_projects.get_many(tx, [each.project_id for each in members.values()])
    decided = await back_stage_registrations.get_many(
        tx, [arrival.application_id for arrival in arrivals]
    )
    spans = await status_records.get_spans(tx, [each.person_id for each in members.values()])
    # The transfer may know the person by the id from before a merge, or a split.
    same = await person_merges.find_one_person(
        tx,
        [
            (each.person_id, members[each.member_id].person_id)
            for each in arrivals
            if each.member_id in members
        ],
    )
    opened: list[StatusRecord] = []
    made: dict[UUID, BackStageRegistration] = {}
    for arrival in arrivals:
        if arrival.application_id in decided or arrival.application_id in made:
            continue
        member = members.get(arrival.member_id)
        if member is not None and (arrival.person_id, member.person_id) not in same:
            member = None
        made[arrival.application_id] = _decide(
            arrival, member, records.get(arrival.member_id), projects, opened=opened, spans=spans
        )
    await status_records.add_many(tx, opened)
    await back_stage_registrations.add_many(tx, list(made.values()))
    return list(made.values())


def _decide(
    arrival: Arrival,
    member: CohortMember | None,
    front_record: StatusRecord | None,
    projects: Mapping[UUID, PathwayProject],
    *,
    opened: list[StatusRecord],
    spans: Spans,
) -> BackStageRegistration:
    """Register with a new back-stage record, which joins `opened`, or refuse."""
    reason = find_blocking_reason(
        person_id=member.person_id if member else arrival.person_id,
        project_id=arrival.project_id,
        member=member,
        front_record=front_record,
    )
    if member is None or reason is not None:
        return BackStageRegistration.refuse(arrival, reason=reason or BlockingReason.NOT_A_MEMBER)
    record = StatusRecord.open_back(
        new_id=new_id(),
        member=member,
        project=projects[member.project_id],
        application_id=arrival.application_id,
        arrive_date=arrival.arrive_date,
    )
    if spans.find_overlapping(span_of(record)):
        return BackStageRegistration.refuse(arrival, reason=BlockingReason.REGISTERED_ELSEWHERE)
    spans.add(record)
    opened.append(record)
    return BackStageRegistration.register(arrival, status_record_id=record.id)
