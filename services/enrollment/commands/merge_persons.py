"""Merges duplicates: what is theirs becomes the survivor's, and their names keep answering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import product
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.keys import KeyStore
from chassis.sealed import DataKey
from services.enrollment.commands.changing import Target
from services.enrollment.commands.following import Following, lock_following
from services.enrollment.commands.opening import in_turn, key_of, open_value, seal, visible_person
from services.enrollment.commands.reassigning import (
    load_learned,
    move_learned,
    move_with_records,
)
from services.enrollment.domain.cohort_member import CohortMember, State
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_refusals import MembershipsConflict, MergeWithItself
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.store import cohort_members, person_merges, persons, status_records
from services.enrollment.store.person_merges import PersonMerge


@dataclass(frozen=True, kw_only=True)
class MergePersons(Target):
    """A duplicate, and the person that it is."""

    survivor_id: UUID
    survivor_etag: str
    reason: str
    evidence_sha256: str


async def merge_persons(
    tx: db.Transaction,
    items: Sequence[MergePersons],
    *,
    caller: Caller,
    keys: KeyStore,
    now: datetime,
) -> list[Person | DomainError]:
    """Merge those that no rule refuses; return the duplicates, which are aliases now.

    What the transfer copied keeps working: a membership stays itself and opens with the key of
    the person that it names; an application keeps the person that it was made for, whose key
    stays; and an arrival is recognised by whom the application's person answers with.
    """
    return await in_turn(items, partial(_merge, tx, caller=caller, keys=keys, now=now))


async def _merge(
    tx: db.Transaction, item: MergePersons, *, caller: Caller, keys: KeyStore, now: datetime
) -> Person:
    if item.survivor_id == item.id:
        raise MergeWithItself
    following = await lock_following(tx, [item.id, item.survivor_id])
    duplicate = visible_person(following.persons, item.id, caller)
    survivor = visible_person(following.persons, item.survivor_id, caller)
    check_etag(item.etag, duplicate.version)
    check_etag(item.survivor_etag, survivor.version)
    duplicate.merge_into(survivor)
    _check_apart(following, duplicate.id, survivor.id)
    gained = survivor.absorb(duplicate)
    members = following.members_of(duplicate.id)
    records = following.records_of(duplicate.id)
    learned = await load_learned(tx, [duplicate.id, survivor.id])
    old_key, new_key = await key_of(keys, duplicate.id), await key_of(keys, survivor.id)
    reassign_members(members, old_key=old_key, new_key=new_key)
    reassign_records(records, old_key=old_key, new_key=new_key)
    merge = PersonMerge(
        id=new_id(),
        merged_id=duplicate.id,
        survivor_id=survivor.id,
        member_ids=[each.id for each in members],
        record_ids=[each.id for each in records],
        outcome_ids=learned.outcome_ids_of(duplicate.id),
        conversion_ids=learned.conversion_ids_of(duplicate.id),
        gained_parties=gained,
        reason=item.reason,
        evidence_sha256=item.evidence_sha256,
        actor=caller.subject,
    )
    await person_merges.add(tx, merge)
    await status_records.save_many(tx, records)
    await cohort_members.save_many(tx, members)
    await persons.save_many(tx, [survivor, duplicate])
    await move_with_records(tx, records, old_key=old_key, new_key=new_key)
    await move_learned(
        tx,
        learned,
        {*merge.outcome_ids, *merge.conversion_ids},
        to=survivor,
        persons=following.persons,
        keys=keys,
        today=civil_date(now),
    )
    return duplicate


def reassign_members(
    members: Sequence[CohortMember], *, old_key: DataKey, new_key: DataKey
) -> None:
    """Give memberships to another person, and seal with that one's key what is personal."""
    for member in members:
        name = open_value(old_key, "display_name", member.sealed_display_name)
        number = open_value(old_key, "admission_number", member.sealed_admission_number)
        member.reassign(
            person_id=new_key.subject_id,
            sealed_display_name=seal(new_key, "display_name", name),
            sealed_admission_number=seal(new_key, "admission_number", number),
            sealed_left_reason=_resealed(
                "left_reason", member.sealed_left_reason, old_key, new_key
            ),
        )


def reassign_records(
    records: Sequence[StatusRecord], *, old_key: DataKey, new_key: DataKey
) -> None:
    """Give status records to another person, and seal with that one's key what is personal."""
    for record in records:
        record.reassign(
            person_id=new_key.subject_id,
            sealed_diploma_number=_resealed(
                "diploma_number", record.sealed_diploma_number, old_key, new_key
            ),
            sealed_certificate_number=_resealed(
                "certificate_number", record.sealed_certificate_number, old_key, new_key
            ),
        )


def _resealed(field: str, sealed: bytes, old_key: DataKey, new_key: DataKey) -> bytes:
    return seal(new_key, field, open_value(old_key, field, sealed))


def _check_apart(following: Following, one: UUID, other: UUID) -> None:
    """Raise MembershipsConflict where one person would be twice in pathways or in school.

    Nobody is in two pathways, or in one cohort twice (GD19); nobody is registered twice (XJE): of
    two that are, the wrong one is ended first.
    """
    for mine, its in product(following.members_of(one), following.members_of(other)):
        is_left = State.LEFT in {mine.state, its.state}
        if (mine.is_in_pathway and its.is_in_pathway) or (
            mine.cohort_id == its.cohort_id and not is_left
        ):
            raise MembershipsConflict
    for first, second in product(following.records_of(one), following.records_of(other)):
        if first.level is second.level and not (first.valid_to_date or second.valid_to_date):
            raise MembershipsConflict
