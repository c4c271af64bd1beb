"""Proposes status changes that the rules allow, and finds the chain that is to approve them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import done, each, visible_by_id
from services.enrollment.commands.placing import Authorities, find_authorities
from services.enrollment.commands.seal_reasons import SealedReason
from services.enrollment.commands.separating import Separation, find_separation
from services.enrollment.domain.authorities import chain_of
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_change import (
    Attachment,
    Ground,
    GuardianOpinion,
    Initiator,
    Proposal,
    StatusChange,
    Step,
)
from services.enrollment.domain.status_change_refusals import (
    ApplyDateInFuture,
    StatusChangePending,
)
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_rules import Case, Facts, check_case
from services.enrollment.domain.student_status import ChangeKind
from services.enrollment.store import persons, status_changes, status_records


@dataclass(frozen=True, kw_only=True)
class ProposeStatusChange:
    """A change to propose; why is sealed before the transaction (see seal_reasons)."""

    status_record_id: UUID
    kind: ChangeKind
    ground: Ground = field(repr=False)
    initiator: Initiator
    sealed: SealedReason
    guardian_opinion: GuardianOpinion
    apply_date: date
    effective_date: date
    until_date: date | None
    is_unreachable: bool
    receiving: str
    new_major_code: str
    new_class_name: str
    attachments: tuple[Attachment, ...]
    facts: Facts = field(repr=False)


async def propose_status_changes(
    tx: db.Transaction,
    items: Sequence[ProposeStatusChange],
    *,
    caller: Caller,
    today: date,
    policies: PolicyTable,
) -> list[StatusChange | DomainError]:
    """Propose those that no rule refuses; a record has one unfinished change at a time."""
    desk = await load_desk(tx, items, policies)
    results = each(items, lambda item: desk.propose(item, caller, today))
    await status_changes.add_many(tx, done(results))
    return results


async def load_desk(
    tx: db.Transaction, items: Sequence[ProposeStatusChange], policies: PolicyTable
) -> "Desk":
    """Lock the records, and load what proposals about them are judged by."""
    record_ids = [item.status_record_id for item in items]
    records = await status_records.get_many(tx, record_ids)
    receiving = [item.receiving for item in items if item.receiving]
    away = [record.change_id for record in records.values() if record.change_id]
    return Desk(
        policies=policies,
        records=records,
        pending=await status_changes.find_pending(tx, record_ids),
        until=await status_changes.find_until(tx, away),
        birth_years=await persons.find_birth_years(
            tx, [record.person_id for record in records.values()]
        ),
        authorities=await find_authorities(tx, list(records.values()), receiving),
        separation=await find_separation(
            tx,
            [
                records[item.status_record_id]
                for item in items
                if item.new_class_name and item.status_record_id in records
            ],
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What proposals of a call are judged by."""

    policies: PolicyTable
    records: Mapping[UUID, StatusRecord]
    pending: dict[UUID, UUID]
    until: Mapping[UUID, date | None]
    birth_years: Mapping[UUID, int]
    authorities: Authorities
    separation: Separation

    def propose(self, item: ProposeStatusChange, caller: Caller, today: date) -> StatusChange:
        """Propose one change, or refuse."""
        record = visible_by_id(
            self.records, item.status_record_id, caller, collection="statusRecords"
        )
        if caller.organisation != record.organisation:
            raise NotRecordHolder(party=caller.organisation)
        if item.apply_date > today:
            raise ApplyDateInFuture(apply_date=item.apply_date.isoformat())
        pending = self.pending.get(record.id)
        if pending is not None:
            raise StatusChangePending(name=f"statusChanges/{pending}")
        case = self._case(item, record)
        check_case(case)
        change = StatusChange.propose(
            _proposal(item),
            new_id=new_id(),
            party=caller.organisation,
            record=record,
            steps=self._steps(case),
        )
        self.pending[record.id] = change.id
        return change

    def _case(self, item: ProposeStatusChange, record: StatusRecord) -> Case:
        return Case(
            record=record,
            birth_year=self.birth_years[record.person_id],
            leave_until=self.until.get(record.change_id) if record.change_id else None,
            kind=item.kind,
            ground=item.ground,
            initiator=item.initiator,
            guardian_opinion=item.guardian_opinion,
            apply_date=item.apply_date,
            effective_date=item.effective_date,
            until_date=item.until_date,
            receiving=item.receiving,
            receiving_levels=self.authorities.levels_of(item.receiving),
            new_major_code=item.new_major_code,
            new_class_name=item.new_class_name,
            documents=frozenset(attachment.kind for attachment in item.attachments),
            facts=item.facts,
            classes=self.separation.of(record),
            place=self.authorities.place_of(record),
            policies=self.policies,
        )

    def _steps(self, case: Case) -> list[Step]:
        chains = case.table("approval_chain")
        return chain_of(
            chains.get(case.kind) or chains["*"],
            school=case.record.organisation,
            receiving=case.receiving,
            region_code=self.authorities.region_of(case.record),
            bureaus=self.authorities.bureaus,
        )


def _proposal(item: ProposeStatusChange) -> Proposal:
    return Proposal(
        kind=item.kind,
        initiator=item.initiator,
        sealed_ground=item.sealed.sealed_ground,
        sealed_reason=item.sealed.sealed_reason,
        sealed_facts=item.sealed.sealed_facts,
        guardian_opinion=item.guardian_opinion,
        apply_date=item.apply_date,
        effective_date=item.effective_date,
        until_date=item.until_date,
        is_unreachable=item.is_unreachable,
        receiving=item.receiving,
        new_major_code=item.new_major_code,
        new_class_name=item.new_class_name,
        attachments=item.attachments,
    )
