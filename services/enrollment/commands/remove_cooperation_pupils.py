"""Takes pupils off rosters as their schools."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.commands.opening import seal
from services.enrollment.domain.cooperation_pupil import CooperationPupil
from services.enrollment.store import cooperation_pupils, cooperations


@dataclass(frozen=True, kw_only=True)
class RemoveCooperationPupil(Target):
    """A pupil to take off a roster."""

    leave_date: date
    leave_reason: str = field(repr=False)


async def remove_cooperation_pupils(
    tx: db.Transaction,
    items: Sequence[RemoveCooperationPupil],
    *,
    caller: Caller,
    keys: KeyStore,
    now: datetime,
) -> list[CooperationPupil | DomainError]:
    """Take off those that no rule refuses; only schools of the cooperation know of the place."""
    ids = [item.id for item in items]
    owners = await cooperations.get_many(tx, await cooperation_pupils.find_cooperation_ids(tx, ids))
    loaded = await cooperation_pupils.get_many(tx, ids)
    found = await keys.get_many([each.person_id for each in loaded.values()])
    party = caller.organisation

    def change(item: RemoveCooperationPupil) -> CooperationPupil:
        pupil = loaded.get(item.id)
        if pupil is not None:
            pupil.schools = owners[pupil.cooperation_id].schools
        if pupil is None or party not in {pupil.school, *pupil.schools}:
            raise ResourceNotFound(name=name_of("cooperationPupils", item.id))
        check_etag(item.etag, pupil.version)
        pupil.leave(
            party=party,
            leave_date=item.leave_date,
            sealed_leave_reason=_seal(found.get(pupil.person_id), item.leave_reason),
            today=civil_date(now),
        )
        return pupil

    results = each(items, change)
    await cooperation_pupils.save_many(tx, done(results))
    return results


def _seal(key: DataKey | None, reason: str) -> bytes:
    """Seal why a pupil leaves; of one who was erased nothing is kept."""
    return seal(key, "leave_reason", reason) if key else b""
