"""Made-up learning outcomes for the tests."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.enrollment.domain.learning_outcome import Declaration, Grade, Kind, LearningOutcome
from tests.enrollment import made

TODAY = date(2023, 3, 1)
PARTIES = [made.FRONT, made.BACK]
RECORD_ID = UUID(int=9)
COURSE = Declaration(
    person_id=UUID(int=1),
    kind=Kind.COURSE,
    title="食品营养学",
    issuer=made.FRONT,
    issuer_name="",
    issuer_uscc="",
    sealed_certificate_number=b"",
    grade=None,
    hours=64,
    credit_tenths=40,
    is_online=False,
    is_apprenticeship=False,
    achieve_date=date(2022, 6, 30),
    evidence_sha256="a" * 64,
)
CERTIFICATE = replace(
    COURSE,
    kind=Kind.CERTIFICATE_X,
    title="食品检验管理",
    issuer="",
    issuer_name="评价组织",
    issuer_uscc="91350100M000100Y43",
    sealed_certificate_number=b"sealed",
    grade=Grade.INTERMEDIATE,
    hours=0,
)


def declared(declaration: Declaration = COURSE, **changes: Any) -> LearningOutcome:
    # Each has an evidence of its own: one evidence counts once.
    facts = {"evidence_sha256": uuid4().hex * 2, **changes}
    outcome = LearningOutcome.declare(
        replace(declaration, **facts),
        new_id=uuid4(),
        parties=PARTIES,
        party=made.FRONT,
        actor="teacher",
        today=TODAY,
    )
    return settled(outcome)


def verified(declaration: Declaration = COURSE, **changes: Any) -> LearningOutcome:
    outcome = declared(declaration, **changes)
    outcome.verify(party=made.BACK, actor="checker", today=TODAY)
    return settled(outcome)


def recognised(
    declaration: Declaration = COURSE,
    *,
    credit_tenths: int = 40,
    relevance_percent: int = 90,
    achievement: str = "",
    party: str = made.BACK,
    **changes: Any,
) -> LearningOutcome:
    outcome = verified(declaration, **changes)
    outcome.recognise(
        party=party,
        achievement=achievement,
        target_course="食品化学",
        relevance_percent=relevance_percent,
        credit_tenths=credit_tenths,
        today=TODAY,
    )
    return settled(outcome)


def accumulated(*, party: str = made.BACK, **facts: Any) -> LearningOutcome:
    outcome = recognised(party=party, **facts)
    outcome.accumulate(party=party, today=TODAY)
    return settled(outcome)


def settled(outcome: LearningOutcome) -> LearningOutcome:
    """Return an outcome as a later command would load it."""
    outcome.event = None
    return outcome
