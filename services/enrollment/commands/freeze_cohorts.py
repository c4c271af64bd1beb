"""Freezes rosters: nobody may join from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cohort import Cohort
from services.enrollment.store import cohorts, pathway_projects


@dataclass(frozen=True, kw_only=True)
class FreezeCohort(Target):
    """A cohort to freeze."""


async def freeze_cohorts(
    tx: db.Transaction, items: Sequence[FreezeCohort], *, caller: Caller, now: datetime
) -> list[Cohort | DomainError]:
    """Freeze those that no rule refuses, and run their projects.

    A joining that holds a cohort's lock is waited for. Cohorts are locked before their projects.
    """
    loaded = await cohorts.get_many(tx, [item.id for item in items])

    def freeze(item: FreezeCohort) -> Cohort:
        cohort = visible(loaded, item, caller, collection="cohorts")
        cohort.freeze(party=caller.organisation, now=now)
        return cohort

    results = each(items, freeze)
    frozen = done(results)
    await cohorts.save_many(tx, frozen)
    projects = await pathway_projects.get_many_locked(tx, [cohort.project_id for cohort in frozen])
    await pathway_projects.save_many(tx, [each for each in projects.values() if each.start()])
    return results
