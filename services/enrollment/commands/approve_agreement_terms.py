"""Approves terms by their hash for the caller's side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.answering import answer_by
from services.enrollment.commands.changing import Target, done, each, visible
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import cooperation_agreements


@dataclass(frozen=True, kw_only=True)
class ApproveAgreementTerms(Target):
    """An approval of the terms with this hash."""

    terms_hash: str


async def approve_agreement_terms(
    tx: db.Transaction,
    items: Sequence[ApproveAgreementTerms],
    *,
    caller: Caller,
    now: datetime,
    policies: PolicyTable,
) -> list[CooperationAgreement | DomainError]:
    """Approve those that no rule refuses."""
    loaded = await cooperation_agreements.get_many(tx, [item.id for item in items])
    deadline_date = answer_by(policies, now=now)

    def change(item: ApproveAgreementTerms) -> CooperationAgreement:
        agreement = visible(loaded, item, caller, collection="cooperationAgreements")
        agreement.approve(
            terms_hash=item.terms_hash,
            party=caller.organisation,
            now=now,
            deadline_date=deadline_date,
        )
        return agreement

    results = each(items, change)
    await cooperation_agreements.save_many(tx, done(results))
    return results
