"""Records destinations of graduates, and corrects what was recorded by new rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from chassis.names import name_of
from services.enrollment.commands.interning import lock_intern
from services.enrollment.commands.opening import in_turn, key_of, seal
from services.enrollment.domain.placement import Finding, Placement, Source
from services.enrollment.domain.placement_refusals import CorrectedPlacementWrong
from services.enrollment.domain.regions import Regions, check_region
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import organisations, placements, status_records


@dataclass(frozen=True, kw_only=True)
class RecordPlacement:
    """What a survey found of a graduate."""

    status_record_id: UUID
    finding: Finding
    survey_date: date
    source: Source
    evidence_sha256: str
    corrected_id: UUID | None


async def record_placements(
    tx: db.Transaction,
    items: Sequence[RecordPlacement],
    *,
    caller: Caller,
    keys: KeyStore,
    regions: Regions,
    now: datetime,
) -> list[Placement | DomainError]:
    """Record those that no rule refuses."""
    rule = partial(_record, tx, caller=caller, keys=keys, regions=regions, today=civil_date(now))
    return await in_turn(items, rule)


async def _record(
    tx: db.Transaction,
    item: RecordPlacement,
    *,
    caller: Caller,
    keys: KeyStore,
    regions: Regions,
    today: date,
) -> Placement:
    record = await _status_record(tx, item.status_record_id, caller)
    await lock_intern(tx, record.person_id)
    if item.finding.region_code:
        check_region(regions, item.finding.region_code, on=item.survey_date)
    employer = item.finding.employer
    if employer and employer not in await organisations.find_many(tx, [employer]):
        raise ResourceNotFound(name=name_of("organisations", employer))
    placement = Placement.record(
        item.finding,
        await _sealed(keys, record.person_id, item.finding),
        new_id=new_id(),
        record=record,
        party=caller.organisation,
        actor=caller.subject,
        survey_date=item.survey_date,
        source=item.source,
        evidence_sha256=item.evidence_sha256,
        corrected=await _corrected(tx, item.corrected_id),
        today=today,
    )
    await placements.add_versions(tx, [placement])
    return placement


async def _status_record(tx: db.Transaction, record_id: UUID, caller: Caller) -> StatusRecord:
    record = (await status_records.get_many(tx, [record_id])).get(record_id)
    if record is None or caller.organisation not in {
        record.front,
        record.back,
        record.organisation,
    }:
        raise ResourceNotFound(name=name_of("statusRecords", record_id))
    return record


async def _corrected(tx: db.Transaction, corrected_id: UUID | None) -> Placement | None:
    """Return the placement that is corrected; of no other that it corrects already."""
    if corrected_id is None:
        return None
    found = (await placements.get_many(tx, [corrected_id])).get(corrected_id)
    if found is None or await placements.find_corrected(tx, [corrected_id]):
        raise CorrectedPlacementWrong(corrected_placement=name_of("placements", corrected_id))
    return found


async def _sealed(keys: KeyStore, person_id: UUID, finding: Finding) -> Mapping[str, bytes]:
    key = await key_of(keys, person_id)
    return {name: seal(key, name, text) for name, text in finding.values().items()}
