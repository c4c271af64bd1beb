"""Starts internships that the three parties agreed on."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.keys import KeyStore
from services.enrollment.commands.changing import Target
from services.enrollment.commands.interning import check_enterprise, load_internship, minority_of
from services.enrollment.commands.opening import in_turn
from services.enrollment.domain.internship import Internship
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import internships


async def start_internships(
    tx: db.Transaction,
    items: Sequence[Target],
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    now: datetime,
) -> list[Internship | DomainError]:
    """Start those that no rule refuses."""
    rule = partial(_start, tx, caller=caller, keys=keys, policies=policies, today=civil_date(now))
    return await in_turn(items, rule)


async def _start(
    tx: db.Transaction,
    item: Target,
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    today: date,
) -> Internship:
    internship, intern = await load_internship(tx, item, caller)
    await check_enterprise(tx, internship)
    internship.start(
        party=caller.organisation,
        record_state=await internships.get_record_state(tx, internship),
        minority=await minority_of(tx, intern, keys=keys, policies=policies),
        today=today,
    )
    await internships.save_many(tx, [internship])
    return internship
