"""学习成果: what a person has learned, from its declaration to credits; nothing of it is unsaid.

An outcome is a chain of versions. Each step adds one, and none is ever changed: what was known on
a day is read again on any later one (S3: 可追溯、可查询、可积累、可转换). A revocation is a version
that points back at the one that it revokes (GK).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.codes import check_uscc
from services.enrollment.domain.events import Event
from services.enrollment.domain.outcome_refusals import (
    ApprenticeshipKindWrong,
    CertificateNumberMissing,
    GradeWrong,
    HoursMissing,
    IssuerMissing,
    IssuerUsccWrong,
    NotEntitledToRevoke,
    NotRecogniser,
    NotSchoolOfPerson,
    OnlineKindWrong,
    OutcomeNotAchieved,
    OutcomeNotAtStep,
    OutcomeNotVerified,
    VerifierIsDeclarer,
)
from services.enrollment.domain.refusals import UsccCheckDigitWrong


class State(StrEnum):
    """States of an outcome (GK)."""

    DECLARED = "DECLARED"
    VERIFIED = "VERIFIED"
    RECOGNISED = "RECOGNISED"
    ACCUMULATED = "ACCUMULATED"
    CONVERTED = "CONVERTED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"


class Kind(StrEnum):
    """Kinds of outcomes (GK)."""

    COURSE = "COURSE"
    # Of 1+X: beside the diploma, and no licence.
    CERTIFICATE_X = "CERTIFICATE_X"
    QUALIFICATION = "QUALIFICATION"
    CONTEST = "CONTEST"
    TRAINING = "TRAINING"
    INTERNSHIP = "INTERNSHIP"
    PROJECT = "PROJECT"


class Grade(StrEnum):
    """How high an outcome is; of one kind, a later one is higher."""

    # Of certificates: 初级, 中级, 高级, and of qualifications above that 技师, 高级技师.
    ELEMENTARY = "ELEMENTARY"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"
    TECHNICIAN = "TECHNICIAN"
    SENIOR_TECHNICIAN = "SENIOR_TECHNICIAN"
    # Of contests: 校级, 市级, 省级, 国家级, 国际级.
    SCHOOL = "SCHOOL"
    CITY = "CITY"
    PROVINCE = "PROVINCE"
    NATION = "NATION"
    WORLD = "WORLD"


_RANKS: Final = {grade: rank for rank, grade in enumerate(Grade, start=1)}
_GRADES: Final = tuple(Grade)
# The grades that a kind has; another has none.
GRADES: Final = {
    # 1+X: 初、中、高, since 2019 (GK).
    Kind.CERTIFICATE_X: _GRADES[:3],
    Kind.QUALIFICATION: _GRADES[:5],
    Kind.CONTEST: _GRADES[5:],
}
_IN_HOURS: Final = frozenset({Kind.TRAINING, Kind.INTERNSHIP})
_NUMBERED: Final = frozenset({Kind.CERTIFICATE_X, Kind.QUALIFICATION})
_TAUGHT: Final = frozenset({Kind.COURSE, Kind.TRAINING})
_WAY: Final = (
    State.DECLARED,
    State.VERIFIED,
    State.RECOGNISED,
    State.ACCUMULATED,
    State.CONVERTED,
)
VERIFIED: Final = frozenset({State.VERIFIED, State.RECOGNISED, State.ACCUMULATED, State.CONVERTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What is said of an outcome by who declares it; the certificate's number is sealed."""

    person_id: UUID
    kind: Kind
    title: str
    # A registered organisation, or a name with a USCC.
    issuer: str
    issuer_name: str
    issuer_uscc: str
    # Empty where there is none.
    sealed_certificate_number: bytes
    grade: Grade | None
    hours: int
    credit_tenths: int
    is_online: bool
    is_apprenticeship: bool
    achieve_date: date
    # SHA-256 of the file that proves it, in hexadecimal.
    evidence_sha256: str

    def check(self, *, today: date) -> None:
        """Raise the refusal of the first field that does not fit the others."""
        self._check_issuer()
        self._check_grade()
        if self.kind in _IN_HOURS and not self.hours:
            raise HoursMissing(kind=self.kind)
        if self.kind in _NUMBERED and not self.sealed_certificate_number:
            raise CertificateNumberMissing(kind=self.kind)
        if self.is_apprenticeship and self.kind is not Kind.INTERNSHIP:
            raise ApprenticeshipKindWrong(kind=self.kind)
        if self.is_online and self.kind not in _TAUGHT:
            raise OnlineKindWrong(kind=self.kind)
        if self.achieve_date > today:
            raise OutcomeNotAchieved(achieve_date=self.achieve_date.isoformat())

    def _check_issuer(self) -> None:
        if not self.issuer and not (self.issuer_name and self.issuer_uscc):
            raise IssuerMissing
        if self.issuer_uscc:
            try:
                check_uscc(self.issuer_uscc)
            except UsccCheckDigitWrong:
                raise IssuerUsccWrong(uscc=self.issuer_uscc) from None

    def _check_grade(self) -> None:
        allowed = GRADES.get(self.kind, ())
        if self.grade not in (allowed or (None,)):
            raise GradeWrong(kind=self.kind, allowed=", ".join(allowed) or "-")


@dataclass(kw_only=True)
class LearningOutcome(Aggregate):
    """One version of an outcome: what is known of it from a day on."""

    id: UUID
    state: State
    # The day from which this version is what is known.
    record_date: date
    person_id: UUID
    # The organisations that may see the person.
    parties: list[str]
    organisation: str
    declared_by: str
    kind: Kind
    title: str
    issuer: str
    issuer_name: str
    issuer_uscc: str
    sealed_certificate_number: bytes
    grade: Grade | None
    hours: int
    credit_tenths: int
    is_online: bool
    is_apprenticeship: bool
    achieve_date: date
    evidence_sha256: str
    verifier: str = ""
    verified_by: str = ""
    verify_date: date | None = None
    recogniser: str = ""
    # What is the same or similar has the same: counted once (GK).
    achievement: str = ""
    target_course: str = ""
    relevance_percent: int = 0
    recognised_credit_tenths: int = 0
    status_record_id: UUID | None = None
    conversion_id: UUID | None = None
    converted_credit_tenths: int = 0
    # Of a rejection or a revocation.
    reason: str = ""
    # The version that a revocation points back at.
    revoked_version: int | None = None

    @classmethod
    def declare(
        cls,
        declaration: Declaration,
        *,
        new_id: UUID,
        parties: list[str],
        party: str,
        actor: str,
        today: date,
    ) -> Self:
        """Declare an outcome of a person; whether it is new is the command's to say."""
        declaration.check(today=today)
        said: dict[str, Any] = {
            each.name: getattr(declaration, each.name) for each in fields(declaration)
        }
        outcome = cls(
            id=new_id,
            state=State.DECLARED,
            record_date=today,
            parties=parties,
            organisation=party,
            declared_by=actor,
            **said,
        )
        outcome._happened(Event.OUTCOME_DECLARED)
        return outcome

    @property
    def rank(self) -> int:
        """How high the outcome is among those of one achievement; 0 without a grade."""
        return _RANKS[self.grade] if self.grade else 0

    def verify(self, *, party: str, actor: str, today: date) -> None:
        """Confirm that the outcome is what it says; another than who declared it does (S3)."""
        self._check_at(State.DECLARED)
        if (party, actor) == (self.organisation, self.declared_by):
            raise VerifierIsDeclarer
        self.verifier = party
        self.verified_by = actor
        self.verify_date = today
        self._step(State.VERIFIED, Event.OUTCOME_VERIFIED, today)

    def reject(self, *, reason: str, today: date) -> None:
        """Find that the outcome is not what it says, or not to be recognised."""
        self._check_at(State.DECLARED, State.VERIFIED)
        self.reason = reason
        self._step(State.REJECTED, Event.OUTCOME_REJECTED, today)

    def recognise(
        self,
        *,
        party: str,
        achievement: str,
        target_course: str,
        relevance_percent: int,
        credit_tenths: int,
        today: date,
    ) -> None:
        """Recognise the outcome for a course of the own school (LAW 职业教育法 art 51)."""
        if party not in self.parties:
            raise NotSchoolOfPerson(party=party)
        self._check_at(State.VERIFIED)
        self.recogniser = party
        self.achievement = achievement_key(self.kind, achievement or self.title)
        self.target_course = target_course
        self.relevance_percent = relevance_percent
        self.recognised_credit_tenths = credit_tenths
        self._step(State.RECOGNISED, Event.OUTCOME_RECOGNISED, today)

    def accumulate(self, *, party: str, today: date) -> None:
        """Put the credits into the person's account (LAW 职业教育法 art 17)."""
        if self.state is State.RECOGNISED and party != self.recogniser:
            raise NotRecogniser(recogniser=self.recogniser)
        self._check_at(State.RECOGNISED)
        self._step(State.ACCUMULATED, Event.OUTCOME_ACCUMULATED, today)

    def convert(
        self, *, conversion_id: UUID, status_record_id: UUID, credit_tenths: int, today: date
    ) -> None:
        """Turn the outcome into credits of a record, as many as the conversion counts."""
        self._check_at(State.ACCUMULATED)
        self.conversion_id = conversion_id
        self.status_record_id = status_record_id
        self.converted_credit_tenths = credit_tenths
        self._step(State.CONVERTED, Event.OUTCOME_CONVERTED, today)

    def revoke(self, *, party: str, reason: str, today: date) -> None:
        """Take the outcome back by a new version that points at the last one (GK)."""
        if party not in {self.organisation, self.issuer, self.verifier, self.recogniser}:
            raise NotEntitledToRevoke(party=party)
        self._check_at(State.DECLARED, *sorted(VERIFIED))
        self.reason = reason
        self.revoked_version = self.version
        self._step(State.REVOKED, Event.OUTCOME_REVOKED, today)

    def reassign(
        self,
        *,
        person_id: UUID,
        parties: list[str],
        sealed_certificate_number: bytes,
        today: date,
    ) -> None:
        """Follow a merge or split: belong to the person that it is of, and be seen as that one."""
        self.person_id = person_id
        self.parties = parties
        self.sealed_certificate_number = sealed_certificate_number
        self._step(self.state, Event.OUTCOME_REASSIGNED, today)

    def check_verified(self) -> None:
        """Raise OutcomeNotVerified unless a credential may say that the outcome is so."""
        if self.state not in VERIFIED:
            raise OutcomeNotVerified(state=self.state)

    def _check_at(self, *states: State) -> None:
        if self.state not in states:
            raise OutcomeNotAtStep(state=self.state, needed=", ".join(states))

    def _step(self, state: State, event: Event, today: date) -> None:
        self.state = state
        self.record_date = today
        self._happened(event)


def each_once(outcomes: Iterable[LearningOutcome]) -> list[LearningOutcome]:
    """Return the outcomes without the twins that duplicates of a person had of one evidence.

    Of those the furthest on its way stays; what was rejected or revoked counts nowhere and stays.
    """
    kept: dict[str, LearningOutcome] = {}
    gone = []
    for outcome in outcomes:
        if outcome.state not in _WAY:
            gone.append(outcome)
            continue
        twin = kept.setdefault(outcome.evidence_sha256, outcome)
        if _furthest(outcome) > _furthest(twin):
            kept[outcome.evidence_sha256] = outcome
    return [*kept.values(), *gone]


def _furthest(outcome: LearningOutcome) -> tuple[int, int, UUID]:
    return _WAY.index(outcome.state), outcome.recognised_credit_tenths, outcome.id


def achievement_key(kind: Kind, text: str) -> str:
    """Return what achievements that count once have in common: the kind and the bare name."""
    return f"{kind}:{''.join(text.split()).casefold()}"
