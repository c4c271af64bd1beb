"""Completes internships; their hours become learning outcomes, which hold them alone.

The school is the issuer: an enterprise would see the outcome of a student who does not let it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.declare_learning_outcomes import declare_learning_outcomes
from services.enrollment.commands.interning import Intern, load_internship
from services.enrollment.commands.opening import in_turn
from services.enrollment.domain.internship import Internship
from services.enrollment.domain.internship_refusals import AssessmentMissing
from services.enrollment.domain.learning_outcome import Declaration, Kind
from services.enrollment.store import internship_points, internships


@dataclass(frozen=True, kw_only=True)
class CompleteInternship(Target):
    """A completion; hours come with what proves them."""

    hours: int
    evidence_sha256: str


async def complete_internships(
    tx: db.Transaction, items: Sequence[CompleteInternship], *, caller: Caller, now: datetime
) -> list[Internship | DomainError]:
    """Complete those that no rule refuses."""
    return await in_turn(items, partial(_complete, tx, caller=caller, now=now))


async def _complete(
    tx: db.Transaction, item: CompleteInternship, *, caller: Caller, now: datetime
) -> Internship:
    today = civil_date(now)
    internship, intern = await load_internship(tx, item, caller)
    # Before an outcome is written: a refusal here leaves nothing behind.
    internship.check_completable(party=caller.organisation, today=today)
    if item.hours and not item.evidence_sha256:
        raise AssessmentMissing
    outcome_id: UUID | None = None
    if item.hours:
        declaration = await _declaration(tx, item, internship, intern)
        (outcome,) = await declare_learning_outcomes(tx, [declaration], caller=caller, now=now)
        if isinstance(outcome, DomainError):
            raise outcome
        outcome_id = outcome.id
    internship.complete(party=caller.organisation, learning_outcome_id=outcome_id, today=today)
    await internships.save_many(tx, [internship])
    return internship


async def _declaration(
    tx: db.Transaction, item: CompleteInternship, internship: Internship, intern: Intern
) -> Declaration:
    point = (await internship_points.share_many(tx, [internship.point_id]))[internship.point_id]
    return Declaration(
        person_id=intern.person.id,
        kind=Kind.INTERNSHIP,
        title=point.post,
        issuer=internship.organisation,
        issuer_name="",
        issuer_uscc="",
        sealed_certificate_number=b"",
        grade=None,
        hours=item.hours,
        credit_tenths=0,
        is_online=False,
        is_apprenticeship=await internships.is_apprenticeship(tx, internship),
        achieve_date=internship.end_date,
        evidence_sha256=item.evidence_sha256,
    )
