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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ServiceBusy
from chassis.identity import Caller
from chassis.import_steps import Recognised, Taken, Verdict
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey
from services.enrollment.commands.changing import done, each
from services.enrollment.commands.finding import PersonFinder, PersonReference, digest_of_row
from services.enrollment.commands.opening import open_value
from services.enrollment.commands.propose_status_changes import (
    Desk,
    ProposeStatusChange,
    load_desk,
)
from services.enrollment.commands.seal_reasons import ReasonSealer, SealedReason, facts_text
from services.enrollment.domain.import_row_refusals import ImportedPersonUnknown
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.status_change import Ground, StatusChange
from services.enrollment.domain.status_change_rows import Known, Said, find_replaced, natural_key
from services.enrollment.domain.status_rules import Facts
from services.enrollment.store import status_changes, status_records
from services.enrollment.store.status_records import HeldRecord

_UNSEALED = SealedReason(sealed_ground=b"", sealed_reason=b"", sealed_facts=b"")


@dataclass(frozen=True, kw_only=True)
class StatusChangeRow:
    """A row as it was sent; `said` has the fields of a proposal that need no sealing."""

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
    sealed: SealedReason = _UNSEALED

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


class StatusChangeImporter:
    """Takes the rows of a stream for one caller."""

    kind = "STATUS_CHANGES"

    def __init__(
        self,
        read: Callable[[Any], StatusChangeRow],
        *,
        finder: PersonFinder,
        keys: KeyStore,
        caller: Caller,
        today: date,
        policies: PolicyTable,
    ) -> None:
        """Take what reads a row as it came, or refuses it."""
        self._read = read
        self._finder = finder
        self._keys = keys
        self._caller = caller
        self._today = today
        self._policies = policies

    async def recognise(
        self,
        rows: Sequence[Any],
        *,
        is_rehearsal: bool,  # noqa: ARG002 - nothing is written here
    ) -> list[Recognised[ImportStatusChange] | DomainError]:
        """Find the students; only their keys tell what a digest of a row was made of."""
        read = each(rows, self._read)
        students = iter(await self._finder.find_keys([row.person for row in done(read)]))

        def recognise(row: StatusChangeRow | DomainError) -> Recognised[ImportStatusChange]:
            if isinstance(row, DomainError):
                raise row
            key = next(students)
            if key is None:
                raise ImportedPersonUnknown
            item = ImportStatusChange(person_id=key.subject_id, row=row)
            said, school = item.said, self._caller.organisation
            return Recognised(
                # The record is the student's at this school.
                key=digest_of_row(key, "key", school, said.kind, said.effective_date),
                content=digest_of_row(key, "content", astuple(said)),
                item=item,
            )

        return each(read, recognise)

    async def prepare(self, items: Sequence[ImportStatusChange]) -> list[ImportStatusChange]:
        """Seal why the changes are asked for."""
        keys = await self._keys.get_many([item.person_id for item in items])
        return [_sealed(item, keys.get(item.person_id)) for item in items]

    async def write(
        self,
        tx: db.Transaction,
        ready: Sequence[ImportStatusChange],
        *,
        is_again: bool,  # noqa: ARG002 - all is loaded anew
    ) -> list[Taken | DomainError]:
        """Import the rows that are not the same as before."""
        return await import_status_changes(
            tx,
            ready,
            caller=self._caller,
            today=self._today,
            policies=self._policies,
            keys=self._keys,
        )


def _sealed(item: ImportStatusChange, key: DataKey | None) -> ImportStatusChange:
    if key is None:
        # Erased at this very moment: the next attempt finds nobody.
        raise ServiceBusy
    row = item.row
    sealed = ReasonSealer.seal_with(key, ground=row.ground, reason=row.reason, facts=row.facts)
    return replace(item, sealed=sealed)


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
    proposed: list[StatusChange] = field(default_factory=list)
    withdrawn: list[StatusChange] = field(default_factory=list)

    def take(self, item: ImportStatusChange) -> Taken:
        """Return what becomes of a row, or refuse it."""
        records = self.held.get(item.person_id)
        if not records:
            raise ImportedPersonUnknown
        said, record_id = item.said, _present(records).id
        met = [
            known
            for record in records
            for known in self.known.get(natural_key(record.id, said), ())
        ]
        former, is_same = find_replaced(said, met)
        if former and is_same:
            return Taken(Verdict.SAME, _name(former))
        proposal = item.of_record(record_id)
        if former:
            change = self._replace(former, proposal)
        else:
            change = self.desk.propose(proposal, self.caller, self.today)
        self.proposed.append(change)
        verdict = Verdict.CHANGED if former else Verdict.NEW
        return Taken(verdict, _name(change))

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
