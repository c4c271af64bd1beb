"""Records signatures under the agreements of internships."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from services.enrollment.domain.internship import Internship, Signer
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import internships


@dataclass(frozen=True, kw_only=True)
class SignInternship(Target):
    """A signature to record."""

    signer: Signer
    sign_date: date
    agreement_sha256: str


async def sign_internships(
    tx: db.Transaction,
    items: Sequence[SignInternship],
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    now: datetime,
) -> list[Internship | DomainError]:
    """Record those that no rule refuses."""
    rule = partial(_sign, tx, caller=caller, keys=keys, policies=policies, today=civil_date(now))
    return await in_turn(items, rule)


async def _sign(
    tx: db.Transaction,
    item: SignInternship,
    *,
    caller: Caller,
    keys: KeyStore,
    policies: PolicyTable,
    today: date,
) -> Internship:
    internship, intern = await load_internship(tx, item, caller)
    await check_enterprise(tx, internship)
    internship.sign(
        item.signer,
        party=caller.organisation,
        sign_date=item.sign_date,
        agreement_sha256=item.agreement_sha256,
        minority=await minority_of(tx, intern, keys=keys, policies=policies),
        today=today,
    )
    await internships.save_many(tx, [internship])
    return internship
