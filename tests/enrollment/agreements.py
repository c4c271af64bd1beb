"""A made-up agreement of the two schools of the founding case."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from services.enrollment.domain.agreement_terms import Document, Terms, hash_of
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from tests.enrollment import made

NOW = datetime(2020, 9, 10, 4, tzinfo=UTC)
TODAY = date(2020, 9, 10)
DEADLINE = date(2020, 10, 10)
TERMS = Terms(
    valid_from_date=date(2020, 9, 1),
    valid_to_date=date(2026, 6, 30),
    training_plan=Document(title="衔接人才培养方案", sha256="a" * 64),
    course_standards=Document(title="核心课程标准", sha256="b" * 64),
    assessment_syllabus=Document(title="考试大纲", sha256="c" * 64),
    class_count=2,
    class_size_max=40,
    front_duties=("单独编班", "落实前段教学"),
    back_duties=("组织转段考核",),
)


def drafted(**changes: Any) -> CooperationAgreement:
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "project": made.approved_project(),
        "terms": TERMS,
        "party": made.BACK,
        "now": NOW,
        "deadline_date": DEADLINE,
    }
    return settled(CooperationAgreement.draft(**{**facts, **changes}))


def hash_for(agreement: CooperationAgreement, terms: Terms) -> str:
    return hash_of(terms.canonical(agreement.project_id))


def approve(agreement: CooperationAgreement, party: str, terms: Terms = TERMS) -> None:
    agreement.approve(
        terms_hash=hash_for(agreement, terms), party=party, now=NOW, deadline_date=DEADLINE
    )
    settled(agreement)


def concluded() -> CooperationAgreement:
    agreement = drafted()
    for party in (made.FRONT, made.BACK):
        approve(agreement, party)
    return agreement


def settled(agreement: CooperationAgreement) -> CooperationAgreement:
    """Return the agreement as a later command would load it."""
    agreement.event = None
    agreement.closed.clear()
    return agreement
