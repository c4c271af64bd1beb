"""Plans internships of students of the caller's school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey
from services.enrollment.commands.interning import lock_intern, major_codes_on
from services.enrollment.commands.opening import birth_date_of, in_turn, key_of, seal
from services.enrollment.commands.placing import find_authorities
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.internship import Internship
from services.enrollment.domain.internship_plan import Plan, SealedDetails
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.domain.person import Person
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import (
    cooperations,
    internship_points,
    internships,
    organisations,
    status_records,
)


@dataclass(frozen=True, kw_only=True)
class PlanInternship:
    """An internship to plan; pay and mentors are in clear, and sealed before they are kept."""

    status_record_id: UUID
    point_id: UUID
    start_date: date
    end_date: date
    pay_fen: int
    school_mentor: str
    enterprise_mentor: str
    intermediary: str
    length_reason: str
    filing_number: str
    cooperation_id: UUID | None


async def plan_internships(
    tx: db.Transaction,
    items: Sequence[PlanInternship],
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
) -> list[Internship | DomainError]:
    """Plan those that no rule refuses."""
    return await in_turn(items, partial(_plan, tx, caller=caller, keys=keys, policies=policies))


async def _plan(
    tx: db.Transaction,
    item: PlanInternship,
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
) -> Internship:
    cooperation = await _cooperation(tx, item, caller)
    record = await _record(tx, item, caller)
    intern = await lock_intern(tx, record.person_id)
    point = await _point(tx, item, caller)
    employer = (await organisations.find_many(tx, [point.enterprise]))[point.enterprise]
    key = await key_of(keys, intern.person.id)
    plan = Plan(
        record=record,
        point=point,
        employer=employer,
        major_codes=await major_codes_on(
            tx, record.major_code, since=record.valid_from_date, on=item.start_date
        ),
        place=(await find_authorities(tx, [record])).place_of(record),
        birth_date=birth_date_of(intern.person, key),
        start_date=item.start_date,
        end_date=item.end_date,
        is_paid=item.pay_fen > 0,
        intermediary=item.intermediary,
        length_reason=item.length_reason,
        filing_number=item.filing_number,
        cooperation=cooperation,
        sealed=_seal(item, intern.person, key),
    )
    others = await intern.internships(tx)
    internship = Internship.plan(plan, new_id=new_id(), policies=policies, others=others)
    await internships.add_many(tx, [internship])
    return internship


async def _cooperation(
    tx: db.Transaction, item: PlanInternship, caller: Caller
) -> Cooperation | None:
    if item.cooperation_id is None:
        return None
    found = (await cooperations.get_many(tx, [item.cooperation_id])).get(item.cooperation_id)
    if found is None or caller.organisation not in found.schools:
        raise ResourceNotFound(name=name_of("cooperations", item.cooperation_id))
    return found


async def _record(tx: db.Transaction, item: PlanInternship, caller: Caller) -> StatusRecord:
    loaded = await status_records.get_many(tx, [item.status_record_id])
    record = loaded.get(item.status_record_id)
    if record is None or caller.organisation not in {
        record.front,
        record.back,
        record.organisation,
    }:
        raise ResourceNotFound(name=name_of("statusRecords", item.status_record_id))
    if caller.organisation != record.organisation:
        raise NotRecordHolder(party=caller.organisation)
    return record


async def _point(tx: db.Transaction, item: PlanInternship, caller: Caller) -> InternshipPoint:
    point = (await internship_points.share_many(tx, [item.point_id])).get(item.point_id)
    if point is None or point.organisation != caller.organisation:
        raise ResourceNotFound(name=name_of("internshipPoints", item.point_id))
    return point


def _seal(item: PlanInternship, person: Person, key: DataKey) -> SealedDetails:
    return SealedDetails(
        # Of the same person and field: it opens here as it does there.
        display_name=person.sealed_display_name,
        pay_fen=seal(key, "pay_fen", str(item.pay_fen)),
        school_mentor=seal(key, "school_mentor", item.school_mentor),
        enterprise_mentor=seal(key, "enterprise_mentor", item.enterprise_mentor),
    )
