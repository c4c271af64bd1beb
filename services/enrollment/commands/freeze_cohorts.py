"""Freezes rosters: nobody may join from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cohort import Cohort
from services.enrollment.store import cohorts


@dataclass(frozen=True, kw_only=True)
class FreezeCohort(Target):
    """A cohort to freeze."""


async def freeze_cohorts(
    tx: db.Transaction, items: Sequence[FreezeCohort], *, caller: Caller, now: datetime
) -> list[Cohort | DomainError]:
    """Freeze those that no rule refuses; a joining that holds a cohort's lock is waited for."""
    loaded = await cohorts.get_many(tx, [item.id for item in items])

    def freeze(item: FreezeCohort) -> Cohort:
        cohort = visible(loaded, item, caller, collection="cohorts")
        cohort.freeze(party=caller.organisation, now=now)
        return cohort

    results = each(items, freeze)
    await cohorts.save_many(tx, done(results))
    return results
