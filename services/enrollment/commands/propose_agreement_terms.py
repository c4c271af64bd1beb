"""Proposes other terms: what waited for approval is void."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.answering import answer_by
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.agreement_terms import Terms
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import cooperation_agreements


@dataclass(frozen=True, kw_only=True)
class ProposeAgreementTerms(Target):
    """Other terms for an agreement."""

    terms: Terms


async def propose_agreement_terms(
    tx: db.Transaction,
    items: Sequence[ProposeAgreementTerms],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[CooperationAgreement | DomainError]:
    """Propose those that no rule refuses."""
    loaded = await cooperation_agreements.get_many(tx, [item.id for item in items])
    deadline_date = answer_by(policies, now=now)

    def change(item: ProposeAgreementTerms) -> CooperationAgreement:
        agreement = visible(loaded, item, caller, collection="cooperationAgreements")
        agreement.propose(
            item.terms,
            party=caller.organisation,
            now=now,
            today=civil_date(now),
            deadline_date=deadline_date,
        )
        return agreement

    results = each(items, change)
    await cooperation_agreements.save_many(tx, done(results))
    return results
