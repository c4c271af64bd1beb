"""Declares learning outcomes of persons whom the caller's organisation may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from services.enrollment.domain.person import Person
from services.enrollment.store import learning_outcomes, organisations, persons

_GONE = (State.REJECTED, State.REVOKED)


async def declare_learning_outcomes(
    tx: db.Transaction, items: Sequence[Declaration], *, caller: Caller, now: datetime
) -> list[LearningOutcome | DomainError]:
    """Declare those that no rule refuses; the same evidence counts once a person."""
    desk = await load_desk(tx, items, caller=caller, now=now)
    results = each(items, desk.declare)
    await learning_outcomes.add_versions(tx, done(results))
    return results


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What declarations of a call are judged by."""

    caller: Caller
    today: date
    persons: dict[UUID, Person]
    issuers: set[str]
    # Which outcome of a person has an evidence, where it is neither rejected nor revoked.
    evidence: dict[tuple[UUID, str], UUID]

    def declare(self, item: Declaration) -> LearningOutcome:
        """Declare one outcome, or refuse."""
        person = self.persons.get(item.person_id)
        if person is None or self.caller.organisation not in person.parties:
            raise ResourceNotFound(name=name_of("persons", item.person_id))
        person.check_active()
        if item.issuer and item.issuer not in self.issuers:
            raise IssuerNotRegistered(issuer=item.issuer)
        earlier = self.evidence.get((item.person_id, item.evidence_sha256))
        if earlier is not None:
            raise OutcomeAlreadyDeclared(name=name_of("learningOutcomes", earlier))
        outcome = LearningOutcome.declare(
            item,
            new_id=new_id(),
            parties=person.parties,
            party=self.caller.organisation,
            actor=self.caller.subject,
            today=self.today,
        )
        self.evidence[item.person_id, item.evidence_sha256] = outcome.id
        return outcome


async def load_desk(
    tx: db.Transaction, items: Sequence[Declaration], *, caller: Caller, now: datetime
) -> Desk:
    """Lock the persons, and load what their declarations are judged by."""
    known = await persons.get_many(tx, [item.person_id for item in items])
    issuers = await organisations.find_many(tx, [item.issuer for item in items])
    present = await learning_outcomes.list_of_persons(tx, list(known))
    return Desk(
        caller=caller,
        today=civil_date(now),
        persons=known,
        issuers=set(issuers),
        evidence={
            (outcome.person_id, outcome.evidence_sha256): outcome.id
            for outcome in present
            if outcome.state not in _GONE
        },
    )
