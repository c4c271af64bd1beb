"""Undoes merges: what was the duplicate's is its own again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.keys import KeyStore
from services.enrollment.commands.changing import Target
from services.enrollment.commands.following import Following, lock_following
from services.enrollment.commands.merge_persons import reassign_members, reassign_records
from services.enrollment.commands.opening import in_turn, key_of, load_person, visible_person
from services.enrollment.commands.reassigning import (
    load_learned,
    move_learned,
    move_with_records,
)
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_refusals import PersonNotMerged
from services.enrollment.store import cohort_members, person_merges, persons, status_records
from services.enrollment.store.person_merges import PersonMerge


@dataclass(frozen=True, kw_only=True)
class SplitPersons(Target):
    """A duplicate that is none, and why."""

    reason: str


async def split_persons(
    tx: db.Transaction,
    items: Sequence[SplitPersons],
    *,
    caller: Caller,
    keys: KeyStore,
    now: datetime,
) -> list[Person | DomainError]:
    """Split those that no rule refuses; return the persons that stand for themselves again.

    What came to the survivor after the merge stays there: whose it is, nobody but a registrar
    can say.
    """
    return await in_turn(items, partial(_split, tx, caller=caller, keys=keys, now=now))


async def _split(
    tx: db.Transaction, item: SplitPersons, *, caller: Caller, keys: KeyStore, now: datetime
) -> Person:
    merge = await person_merges.get_open(tx, item.id)
    if merge is None:
        # Says so to those only who may see it.
        (await load_person(tx, item.id, caller)).check_not_erased()
        raise PersonNotMerged
    following = await lock_following(tx, [merge.merged_id, merge.survivor_id])
    person = visible_person(following.persons, merge.merged_id, caller)
    survivor = following.persons[merge.survivor_id]
    check_etag(item.etag, person.version)
    person.split_from(survivor)
    members = [each for each in following.members if each.id in merge.member_ids]
    records = [each for each in following.records if each.id in merge.record_ids]
    lost = _lost_parties(following, merge)
    survivor.release(lost)
    learned = await load_learned(tx, [person.id, survivor.id])
    old_key, new_key = await key_of(keys, survivor.id), await key_of(keys, person.id)
    reassign_members(members, old_key=old_key, new_key=new_key)
    reassign_records(records, old_key=old_key, new_key=new_key)
    await person_merges.mark_split(tx, merge, reason=item.reason, actor=caller.subject)
    await status_records.save_many(tx, records)
    await cohort_members.save_many(tx, members)
    await persons.save_many(tx, [person, survivor])
    await persons.take_from(tx, survivor.id, lost)
    await move_with_records(tx, records, old_key=old_key, new_key=new_key)
    await move_learned(
        tx,
        learned,
        {*merge.outcome_ids, *merge.conversion_ids},
        to=person,
        persons=following.persons,
        keys=keys,
        today=civil_date(now),
    )
    return person


def _lost_parties(following: Following, merge: PersonMerge) -> list[str]:
    """Return the schools that saw the survivor by the merge alone."""
    own = {
        party
        for each in following.members_of(merge.survivor_id)
        if each.id not in merge.member_ids
        for party in (each.front, each.back)
    }
    return [each for each in merge.gained_parties if each not in own]
