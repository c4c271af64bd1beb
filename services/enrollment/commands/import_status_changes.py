"""Imports rows of status changes (学籍异动): each a proposal, as the school would make it by hand.

A row never says that a change has been approved. Only those of the chain may say that, each for
its own step (XJ: filed up to 设区市), as only 核准 gives 学籍 (XJE); a school's file that said it
for them would leave their decision out. So a load of past changes is a load of proposals, and the
chain decides on them as on any other. The record is the one of the student at the caller's own
school.

The same rows again change nothing, and absence takes nothing away. What a row says otherwise than
it is known is withdrawn and proposed anew, in one transaction, while nobody has decided on it;
later than that the row is refused, and says what to do (see status_change_rows).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey
from services.enrollment.commands.changing import each
from services.enrollment.commands.finding import PersonFinder, PersonReference
from services.enrollment.commands.opening import open_value
from services.enrollment.commands.propose_status_changes import (
    Desk,
    ProposeStatusChange,
    load_desk,
)
from services.enrollment.commands.seal_reasons import ReasonSealer, SealedReason, facts_text
from services.enrollment.domain.import_row_refusals import ImportedPersonUnknown
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.row_verdicts import RowsSeen, Taken, Verdict
from services.enrollment.domain.status_change import Ground, StatusChange
from services.enrollment.domain.status_change_rows import Known, Said, find_replaced, natural_key
from services.enrollment.domain.status_rules import Facts
from services.enrollment.store import status_changes, status_records
from services.enrollment.store.status_records import HeldRecord


@dataclass(frozen=True, kw_only=True)
class StatusChangeRow:
    """A row as it was sent; `said` has the fields of a proposal that need no sealing."""

    # Of the row in the file, from 1.
    number: int
    person: PersonReference
    ground: Ground = field(repr=False)
    reason: str = field(repr=False)
    facts: Facts = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ImportStatusChange:
    """A row whose student was found; why is sealed, and in clear to compare it."""

    person_id: UUID
    row: StatusChangeRow
    sealed: SealedReason

    def of_record(self, record_id: UUID) -> ProposeStatusChange:
        """Return what the row proposes for a record."""
        row = self.row
        return ProposeStatusChange(
            status_record_id=record_id,
            ground=row.ground,
            facts=row.facts,
            sealed=self.sealed,
            **row.said,
        )

    @property
    def said(self) -> Said:
        """What the row says, why included."""
        row = self.row
        return Said(ground=row.ground, reason=row.reason, facts=facts_text(row.facts), **row.said)


async def prepare(
    rows: Sequence[StatusChangeRow], *, finder: PersonFinder, keys: KeyStore
) -> list[ImportStatusChange | DomainError]:
    """Find the students and seal why, before the transaction begins."""
    found = await finder.find([row.person for row in rows])
    known = await keys.get_many([person_id for person_id in found if person_id])

    def prepare_row(pair: tuple[StatusChangeRow, UUID | None]) -> ImportStatusChange:
        row, person_id = pair
        if person_id is None or person_id not in known:
            raise ImportedPersonUnknown
        sealed = ReasonSealer.seal_with(
            known[person_id], ground=row.ground, reason=row.reason, facts=row.facts
        )
        return ImportStatusChange(person_id=person_id, row=row, sealed=sealed)

    return each(list(zip(rows, found, strict=True)), prepare_row)


async def import_status_changes(
    tx: db.Transaction,
    items: Sequence[ImportStatusChange],
    *,
    caller: Caller,
    today: date,
    policies: PolicyTable,
    keys: KeyStore,
) -> list[Taken | DomainError]:
    """Propose, replace or leave each row's change; a refusal takes the place of its verdict."""
    held = await status_records.list_held(
        tx, [item.person_id for item in items], organisation=caller.organisation
    )
    proposals = [
        item.of_record(_present(held[item.person_id]).id)
        for item in items
        if item.person_id in held
    ]
    intake = _Intake(
        caller=caller,
        today=today,
        held=held,
        desk=await load_desk(tx, proposals, policies),
        # Read after the locks are held: a statement of its own sees what was committed before.
        known=await _load_known(tx, held, keys),
    )
    results = each(items, intake.take)
    await status_changes.save_many(tx, intake.withdrawn)
    await status_changes.add_many(tx, intake.proposed)
    return results


def _present(records: Sequence[HeldRecord]) -> HeldRecord:
    """Return the record that is open, or else the last one: a person has one open at a school."""
    return max(records, key=lambda record: (record.is_open, record.valid_from_date))


async def _load_known(
    tx: db.Transaction, held: Mapping[UUID, Sequence[HeldRecord]], keys: KeyStore
) -> dict[tuple[Any, ...], list[Known]]:
    record_ids = [record.id for records in held.values() for record in records]
    changes = await status_changes.list_of_records(tx, record_ids)
    opened = await keys.get_many(list({change.person_id for change in changes}))
    known: dict[tuple[Any, ...], list[Known]] = defaultdict(list)
    for change in changes:
        key = opened.get(change.person_id)
        if key:
            known[natural_key(change.status_record_id, change)].append(_open(change, key))
    return known


def _open(change: StatusChange, key: DataKey) -> Known:
    return Known(
        change=change,
        ground=open_value(key, "ground", change.sealed_ground),
        reason=open_value(key, "reason", change.sealed_reason),
        facts=open_value(key, "facts", change.sealed_facts),
    )


@dataclass(kw_only=True)
class _Intake:
    """The rows of a call, taken one after another."""

    caller: Caller
    today: date
    held: Mapping[UUID, Sequence[HeldRecord]]
    desk: Desk
    known: Mapping[tuple[Any, ...], Sequence[Known]]
    seen: RowsSeen = field(default_factory=RowsSeen)
    proposed: list[StatusChange] = field(default_factory=list)
    withdrawn: list[StatusChange] = field(default_factory=list)

    def take(self, item: ImportStatusChange) -> Taken:
        """Return what becomes of a row, or refuse it."""
        records = self.held.get(item.person_id)
        if not records:
            raise ImportedPersonUnknown
        said, record_id = item.said, _present(records).id
        self.seen.note((item.person_id, said.kind, said.effective_date), item.row.number)
        met = [
            known
            for record in records
            for known in self.known.get(natural_key(record.id, said), ())
        ]
        former, is_same = find_replaced(said, met)
        if former and is_same:
            return Taken(verdict=Verdict.SAME, name=_name(former))
        proposal = item.of_record(record_id)
        if former:
            change = self._replace(former, proposal)
        else:
            change = self.desk.propose(proposal, self.caller, self.today)
        self.proposed.append(change)
        verdict = Verdict.CHANGED if former else Verdict.NEW
        return Taken(verdict=verdict, name=_name(change))

    def _replace(self, former: StatusChange, proposal: ProposeStatusChange) -> StatusChange:
        """Propose anew what a row corrects; the former one stays if that is refused."""
        self.desk.pending.pop(former.status_record_id, None)
        try:
            change = self.desk.propose(proposal, self.caller, self.today)
        except DomainError:
            self.desk.pending[former.status_record_id] = former.id
            raise
        former.withdraw(party=self.caller.organisation)
        self.withdrawn.append(former)
        return change


def _name(change: StatusChange) -> str:
    return name_of("statusChanges", change.id)
