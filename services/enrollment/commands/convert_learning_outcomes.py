"""Converts what persons have accumulated into credits of status records, and keeps the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.domain.credit_conversion import CreditConversion, CreditRules
from services.enrollment.domain.learning_outcome import LearningOutcome
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.policies import Place, PolicyTable, SchoolKind
from services.enrollment.domain.refusals import NotRecordHolder, StudentNotInSchool
from services.enrollment.domain.status_record import State, StatusRecord
from services.enrollment.store import (
    credit_conversions,
    learning_outcomes,
    person_merges,
    persons,
    status_records,
)


@dataclass(frozen=True, kw_only=True)
class ConvertLearningOutcomes:
    """A record into whose credits to convert, and how many its programme needs."""

    status_record_id: UUID
    graduation_credit_tenths: int


async def convert_learning_outcomes(
    tx: db.Transaction,
    items: Sequence[ConvertLearningOutcomes],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[CreditConversion | DomainError]:
    """Convert for each record in turn; what one took, the next does not have."""
    records = await status_records.get_many(tx, [item.status_record_id for item in items])
    results: list[CreditConversion | DomainError] = []
    for item in items:
        try:
            record = _held(records, item.status_record_id, caller)
            results.append(await _convert(tx, item, record, caller, now=now, policies=policies))
        except DomainError as refusal:
            results.append(refusal)
    return results


def _held(records: dict[UUID, StatusRecord], record_id: UUID, caller: Caller) -> StatusRecord:
    """Return a record in school that the caller's organisation holds."""
    record = records.get(record_id)
    if record is None or caller.organisation not in {
        record.organisation,
        record.front,
        record.back,
    }:
        raise ResourceNotFound(name=name_of("statusRecords", record_id))
    if caller.organisation != record.organisation:
        raise NotRecordHolder(party=caller.organisation)
    if record.state is not State.IN_SCHOOL:
        raise StudentNotInSchool(state=record.state)
    return record


async def _convert(
    tx: db.Transaction,
    item: ConvertLearningOutcomes,
    record: StatusRecord,
    caller: Caller,
    *,
    now: datetime,
    policies: PolicyTable,
) -> CreditConversion:
    # What was declared of a duplicate is the person's too.
    family = await person_merges.family_of(tx, record.person_id)
    person = (await persons.get_many(tx, family))[record.person_id]
    person.check_active()
    outcomes = await learning_outcomes.list_of_persons(tx, family)
    before = {outcome.id: outcome.version for outcome in outcomes}
    today = civil_date(now)
    conversion = CreditConversion.make(
        outcomes,
        new_id=new_id(),
        person_id=record.person_id,
        parties=person.parties,
        party=caller.organisation,
        status_record_id=record.id,
        graduation_credit_tenths=item.graduation_credit_tenths,
        rules=CreditRules.of(policies, on=today, place=_place(record)),
        today=today,
    )
    converted = [each for each in outcomes if each.version != before[each.id]]
    await _save(tx, conversion, converted)
    return conversion


async def _save(
    tx: db.Transaction, conversion: CreditConversion, converted: Sequence[LearningOutcome]
) -> None:
    for outcome in converted:
        outcome.parties = conversion.parties
    await learning_outcomes.add_versions(tx, converted)
    await credit_conversions.add(tx, conversion)


def _place(record: StatusRecord) -> Place:
    is_secondary = record.level is Level.SECONDARY_VOCATIONAL
    return Place(school_kind=SchoolKind.SECONDARY if is_secondary else SchoolKind.HIGHER)
