"""Imports rows of a roster: each enrols, changes a class, says what is known, or is refused.

The natural key of a row is its cohort and the person of its ID number. What a row said is kept as
a digest under the person's own data key: it gives nothing away and dies with the key. Rules are
those of EnrollCohortMember. While the roster is open, a row may put its member into another class;
what else differs was fixed at admission (GD19) or needs a correction with evidence (XJ).
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.import_steps import Recognised, Taken, Verdict
from chassis.names import name_of
from chassis.sealed import DataKey, Sealer
from services.enrollment.commands.changing import visible_by_id
from services.enrollment.commands.enroll_cohort_members import (
    EnrollCohortMember,
    Rosters,
    load_rosters,
)
from services.enrollment.commands.seal_applicants import (
    ApplicantSealer,
    Details,
    Holder,
)
from services.enrollment.domain.cohort import State
from services.enrollment.domain.cohort_member import CohortMember, Why
from services.enrollment.domain.import_refusals import RosterClassFixed, RosterFieldFixed
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import cohort_members, status_records

KIND: Final = "ROSTER"
_LABEL: Final = b"roster row\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """A row that is right by itself."""

    cohort_id: UUID
    class_name: str
    details: Details


@dataclass(frozen=True, slots=True)
class Known:
    """A row, and whom its ID number belongs to."""

    row: RosterRow
    holder: Holder


@dataclass(frozen=True, slots=True)
class Ready:
    """A row, sealed."""

    row: RosterRow
    holder: Holder
    item: EnrollCohortMember


class RosterImporter:
    """Takes the rows of one stream."""

    kind = KIND

    def __init__(
        self,
        parse: Callable[[Sequence[Any]], Sequence[RosterRow | DomainError]],
        sealer: ApplicantSealer,
        *,
        caller: Caller,
        today: date,
    ) -> None:
        self._parse = parse
        self._sealer = sealer
        self._caller = caller
        self._today = today
        self._rehearsed: dict[bytes, DataKey] = {}

    async def recognise(
        self, rows: Sequence[Any], *, is_rehearsal: bool
    ) -> Sequence[Recognised[Known] | DomainError]:
        """Check each row by itself, and find out whom it is about."""
        parsed = self._parse(rows)
        right = [each for each in parsed if isinstance(each, RosterRow)]
        holders = iter(
            await self._sealer.recognise(
                [row.details for row in right], rehearsed=self._rehearsed if is_rehearsal else None
            )
        )
        return [
            _recognised(each, next(holders)) if isinstance(each, RosterRow) else each
            for each in parsed
        ]

    async def prepare(self, items: Sequence[Known]) -> Sequence[Ready]:
        """Seal what is personal."""
        return [
            Ready(
                known.row,
                known.holder,
                EnrollCohortMember(
                    cohort_id=known.row.cohort_id,
                    class_name=known.row.class_name,
                    applicant=self._sealer.seal_as(known.row.details, known.holder),
                ),
            )
            for known in items
        ]

    async def write(
        self, tx: db.Transaction, ready: Sequence[Ready], *, is_again: bool
    ) -> Sequence[Taken | DomainError]:
        """Enrol, change or refuse each row."""
        return await import_roster(
            tx, ready, caller=self._caller, today=self._today, is_again=is_again
        )


async def import_roster(
    tx: db.Transaction,
    ready: Sequence[Ready],
    *,
    caller: Caller,
    today: date,
    is_again: bool = False,
) -> list[Taken | DomainError]:
    """Take each row; a refusal takes the place of its verdict. Run again it looks at everybody."""
    intake = _Intake(ready, caller, today, is_again=is_again)
    return await intake.take(tx)


def _recognised(row: RosterRow, holder: Holder) -> Recognised[Known]:
    details = row.details
    content = "\x00".join(
        (
            row.class_name,
            details.display_name,
            details.admission_number,
            details.ethnicity_code,
            str(details.made_up),
        )
    )
    return Recognised(
        key=holder.key.subject_id.bytes + row.cohort_id.bytes,
        content=hmac.digest(holder.key.secret, _LABEL + content.encode(), "sha256"),
        item=Known(row, holder),
        is_unknown=holder.is_new,
    )


class _Intake:
    """The rows of a chunk in its transaction."""

    def __init__(
        self, ready: Sequence[Ready], caller: Caller, today: date, *, is_again: bool
    ) -> None:
        self._ready = ready
        self._caller = caller
        self._today = today
        new = (each.holder for each in ready if each.holder.is_new and not is_again)
        self._unregistered = {holder.key.subject_id for holder in new}
        self._enrolled: list[CohortMember] = []
        self._moved: dict[UUID, CohortMember] = {}
        self._records: dict[UUID, StatusRecord] = {}

    async def take(self, tx: db.Transaction) -> list[Taken | DomainError]:
        """Take each row; what a refused one would have written is not."""
        locked = await self._lock_moving(tx)
        items = [each.item for each in self._ready]
        rosters = await load_rosters(tx, items, unregistered=self._unregistered)
        results: list[Taken | DomainError] = []
        for each in self._ready:
            try:
                results.append(self._take(each, rosters, locked))
            except DomainError as refusal:
                results.append(refusal)
        await rosters.save(tx, self._enrolled)
        await self._save_moved(tx)
        return results

    def _take(self, ready: Ready, rosters: Rosters, locked: dict[UUID, CohortMember]) -> Taken:
        item, person_id = ready.item, ready.item.applicant.person_id
        known = rosters.find_member(item.cohort_id, person_id)
        if known is None:
            enrolled = rosters.enroll(item, self._caller)
            self._enrolled.append(enrolled)
            return _taken(Verdict.NEW, enrolled)
        cohort = visible_by_id(rosters.cohorts, item.cohort_id, self._caller, collection="cohorts")
        _check_fixed(ready, known, rosters.persons[person_id].ethnicity_code)
        if known.class_name == item.class_name:
            return _taken(Verdict.SAME, known)
        member = locked.get(known.id)
        if member is None:
            # Moved by another meanwhile: run again, to lock it.
            raise db.VersionConflict
        cohort.check_may_assign(party=self._caller.organisation, class_name=item.class_name)
        if cohort.state is not State.OPEN:
            raise RosterClassFixed
        member.assign_class(item.class_name, why=Why.CLASS_CORRECTED, on=self._today)
        self._moved[member.id] = member
        return _taken(Verdict.CHANGED, member)

    async def _lock_moving(self, tx: db.Transaction) -> dict[UUID, CohortMember]:
        """Lock the records and members whose class differs, before any person is locked."""
        wanted = {
            (each.item.cohort_id, each.item.applicant.person_id): each.item.class_name
            for each in self._ready
            if each.item.applicant.person_id not in self._unregistered
        }
        if not wanted:
            return {}
        members = await cohort_members.list_of_persons(tx, [person_id for _, person_id in wanted])
        ids = [
            each.id
            for each in members
            if wanted.get((each.cohort_id, each.person_id), each.class_name) != each.class_name
        ]
        if not ids:
            return {}
        self._records = await status_records.get_front_of_members(tx, ids)
        return await cohort_members.get_many(tx, ids)

    async def _save_moved(self, tx: db.Transaction) -> None:
        if not self._moved:
            return
        moved = list(self._moved.values())
        records = [
            self._records[each.id]
            for each in moved
            if each.id in self._records and self._records[each.id].is_open
        ]
        for record in records:
            if record.member_id is not None:
                record.place(self._moved[record.member_id].class_name, on=self._today)
        await status_records.save_many(tx, records)
        await cohort_members.save_many(tx, moved)


def _taken(verdict: Verdict, member: CohortMember) -> Taken:
    return Taken(verdict, name_of("cohortMembers", member.id))


def _check_fixed(ready: Ready, member: CohortMember, ethnicity_code: str) -> None:
    """Refuse a row that says otherwise what was fixed at admission; what it leaves out stays."""
    key, details = ready.holder.key, ready.row.details
    for field in ("display_name", "admission_number"):
        sealed = getattr(member, f"sealed_{field}")
        if not sealed or Sealer.open(key, key.subject_id, field, sealed) != getattr(details, field):
            raise RosterFieldFixed(field=field)
    if details.ethnicity_code not in ("", ethnicity_code):
        raise RosterFieldFixed(field="ethnicity_code")
    if member.made_up != details.made_up:
        raise RosterFieldFixed(field="made_up")
