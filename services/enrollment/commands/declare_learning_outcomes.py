"""Declares learning outcomes of persons whom the caller's organisation may see."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.learning_outcome import Declaration, LearningOutcome, State
from services.enrollment.domain.outcome_refusals import (
    IssuerNotRegistered,
    OutcomeAlreadyDeclared,
)
from services.enrollment.store import learning_outcomes, organisations, persons

_GONE = (State.REJECTED, State.REVOKED)


async def declare_learning_outcomes(
    tx: db.Transaction, items: Sequence[Declaration], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Declare those that no rule refuses; the same evidence counts once a person."""
    known = await persons.get_many(tx, [item.person_id for item in items])
    issuers = await organisations.find_many(tx, [item.issuer for item in items])
    evidence: dict[tuple[UUID, str], UUID] = {
        (outcome.person_id, outcome.evidence_sha256): outcome.id
        for outcome in await learning_outcomes.list_of_persons(tx, list(known))
        if outcome.state not in _GONE
    }

    def declare(item: Declaration) -> LearningOutcome:
        person = known.get(item.person_id)
        if person is None or caller.organisation not in person.parties:
            raise ResourceNotFound(name=name_of("persons", item.person_id))
        person.check_active()
        if item.issuer and item.issuer not in issuers:
            raise IssuerNotRegistered(issuer=item.issuer)
        earlier = evidence.get((item.person_id, item.evidence_sha256))
        if earlier is not None:
            raise OutcomeAlreadyDeclared(name=name_of("learningOutcomes", earlier))
        outcome = LearningOutcome.declare(
            item,
            new_id=new_id(),
            parties=person.parties,
            party=caller.organisation,
            actor=caller.subject,
            today=civil_date(now),
        )
        evidence[item.person_id, item.evidence_sha256] = outcome.id
        return outcome

    results = each(items, declare)
    await learning_outcomes.add_versions(tx, done(results))
    return results
