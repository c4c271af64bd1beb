"""Learning outcomes step by step: what each rule says, where it is from, and its cases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import outcome_refusals as refusals
from services.enrollment.domain.events import Event
from services.enrollment.domain.learning_account import LearningAccount
from services.enrollment.domain.learning_outcome import Grade, Kind, LearningOutcome, State
from tests.enrollment import made, outcomes
from tests.enrollment.outcomes import CERTIFICATE, COURSE, TODAY, accumulated, declared, verified

VERDICTS: list[tuple[str, str, dict[str, Any], type[DomainError] | None]] = [
    ("what fits is declared", "GK", {}, None),
    ("somebody issued it", "GK", {"issuer": ""}, refusals.IssuerMissing),
    (
        "a name alone is no issuer",
        "GK",
        {"issuer": "", "issuer_name": "某机构"},
        refusals.IssuerMissing,
    ),
    (
        "the USCC has its check digit",
        "GB 32100",
        {"issuer_uscc": "91350100M000100Y44"},
        refusals.IssuerUsccWrong,
    ),
    (
        "a USCC with remainder 0 is right",
        "GB 32100",
        {"issuer": "", "issuer_name": "某学校", "issuer_uscc": "12320500MB00000090"},
        None,
    ),
    ("a course has no grade", "GK", {"grade": Grade.ADVANCED}, refusals.GradeWrong),
    (
        "training is counted in hours",
        "GK",
        {"kind": Kind.TRAINING, "hours": 0},
        refusals.HoursMissing,
    ),
    (
        "internship is counted in hours",
        "S1",
        {"kind": Kind.INTERNSHIP, "hours": 0},
        refusals.HoursMissing,
    ),
    (
        "an apprenticeship is work",
        "LAW 职业教育法 art 30",
        {"kind": Kind.INTERNSHIP, "is_apprenticeship": True},
        None,
    ),
    (
        "a course is no apprenticeship",
        "LAW 职业教育法 art 30",
        {"is_apprenticeship": True},
        refusals.ApprenticeshipKindWrong,
    ),
    ("a course is online", "GDPT", {"is_online": True}, None),
    (
        "a contest is not online",
        "GDPT",
        {"kind": Kind.CONTEST, "grade": Grade.CITY, "is_online": True},
        refusals.OnlineKindWrong,
    ),
    ("today is achieved", "GK", {"achieve_date": TODAY}, None),
    ("tomorrow is not", "GK", {"achieve_date": date(2023, 3, 2)}, refusals.OutcomeNotAchieved),
    ("a contest has a grade", "GK", {"kind": Kind.CONTEST}, refusals.GradeWrong),
    ("a contest is of a region", "GK", {"kind": Kind.CONTEST, "grade": Grade.PROVINCE}, None),
    (
        "a contest is not 中级",
        "GK",
        {"kind": Kind.CONTEST, "grade": Grade.INTERMEDIATE},
        refusals.GradeWrong,
    ),
    ("a project has no grade", "GK", {"kind": Kind.PROJECT}, None),
]
CERTIFICATES: list[tuple[str, str, dict[str, Any], type[DomainError] | None]] = [
    ("1+X: 初", "chechuan.ytvc.edu.cn/info/1082/1097.htm", {"grade": Grade.ELEMENTARY}, None),
    ("1+X: 中", "chechuan.ytvc.edu.cn/info/1082/1097.htm", {"grade": Grade.INTERMEDIATE}, None),
    ("1+X: 高", "chechuan.ytvc.edu.cn/info/1082/1097.htm", {"grade": Grade.ADVANCED}, None),
    (
        "1+X: no 技师",
        "chechuan.ytvc.edu.cn/info/1082/1097.htm",
        {"grade": Grade.TECHNICIAN},
        refusals.GradeWrong,
    ),
    (
        "1+X is graded",
        "chechuan.ytvc.edu.cn/info/1082/1097.htm",
        {"grade": None},
        refusals.GradeWrong,
    ),
    (
        "a qualification knows 技师",
        "GK",
        {"kind": Kind.QUALIFICATION, "grade": Grade.TECHNICIAN},
        None,
    ),
    (
        "a certificate has a number",
        "GK",
        {"sealed_certificate_number": b""},
        refusals.CertificateNumberMissing,
    ),
]


@pytest.mark.parametrize(
    ("declaration", "case", "verdict"),
    [
        *(
            pytest.param(COURSE, case, verdict, id=f"{rule} ({source})")
            for rule, source, case, verdict in VERDICTS
        ),
        *(
            pytest.param(CERTIFICATE, case, verdict, id=f"{rule} ({source})")
            for rule, source, case, verdict in CERTIFICATES
        ),
    ],
)
def test_what_may_be_declared(
    declaration: Any, case: dict[str, Any], verdict: type[DomainError] | None
) -> None:
    if verdict is None:
        outcome = declared(declaration, **case)
        assert (outcome.state, outcome.version) == (State.DECLARED, 1)
        return
    with pytest.raises(verdict):
        declared(declaration, **case)


@pytest.mark.parametrize(
    ("party", "actor", "verdict"),
    [
        (made.FRONT, "teacher", refusals.VerifierIsDeclarer),
        (made.FRONT, "colleague", None),
        (made.BACK, "teacher", None),
        (made.BACK, "colleague", None),
    ],
)
def test_another_organisation_or_person_verifies(
    party: str, actor: str, verdict: type[DomainError] | None
) -> None:
    outcome = declared()
    if verdict is None:
        outcome.verify(party=party, actor=actor, today=TODAY)
        assert (outcome.state, outcome.verifier, outcome.version) == (State.VERIFIED, party, 2)
        return
    with pytest.raises(verdict):
        outcome.verify(party=party, actor=actor, today=TODAY)


STEPS: dict[str, Callable[[LearningOutcome], None]] = {
    "verify": lambda each: each.verify(party=made.BACK, actor="checker", today=TODAY),
    "reject": lambda each: each.reject(reason="材料不符", today=TODAY),
    "recognise": lambda each: each.recognise(
        party=made.BACK,
        achievement="",
        target_course="食品化学",
        relevance_percent=80,
        credit_tenths=30,
        today=TODAY,
    ),
    "accumulate": lambda each: each.accumulate(party=made.BACK, today=TODAY),
    "convert": lambda each: each.convert(
        conversion_id=outcomes.RECORD_ID,
        status_record_id=outcomes.RECORD_ID,
        credit_tenths=30,
        today=TODAY,
    ),
    "revoke": lambda each: each.revoke(party=made.FRONT, reason="证书作废", today=TODAY),
}
# From each state, where the steps lead; what is not there is refused (GK).
TRANSITIONS: dict[State, dict[str, State]] = {
    State.DECLARED: {"verify": State.VERIFIED, "reject": State.REJECTED, "revoke": State.REVOKED},
    State.VERIFIED: {
        "recognise": State.RECOGNISED,
        "reject": State.REJECTED,
        "revoke": State.REVOKED,
    },
    State.RECOGNISED: {"accumulate": State.ACCUMULATED, "revoke": State.REVOKED},
    State.ACCUMULATED: {"convert": State.CONVERTED, "revoke": State.REVOKED},
    State.CONVERTED: {"revoke": State.REVOKED},
    State.REJECTED: {},
    State.REVOKED: {},
}


def outcome_in(state: State) -> LearningOutcome:
    way = {
        State.DECLARED: (),
        State.REJECTED: ("reject",),
        State.REVOKED: ("revoke",),
        State.VERIFIED: ("verify",),
        State.RECOGNISED: ("verify", "recognise"),
        State.ACCUMULATED: ("verify", "recognise", "accumulate"),
        State.CONVERTED: ("verify", "recognise", "accumulate", "convert"),
    }
    outcome = declared()
    for step in way[state]:
        STEPS[step](outcome)
        outcomes.settled(outcome)
    return outcome


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", State)
def test_each_step_follows_its_states_only(state: State, step: str) -> None:
    outcome = outcome_in(state)
    version = outcome.version
    target = TRANSITIONS[state].get(step)
    if target is None:
        with pytest.raises(refusals.OutcomeNotAtStep):
            STEPS[step](outcome)
        assert (outcome.state, outcome.version) == (state, version)
        return
    STEPS[step](outcome)
    assert (outcome.state, outcome.version) == (target, version + 1)


def test_a_revocation_points_back_at_the_version_that_it_revokes() -> None:
    outcome = outcome_in(State.ACCUMULATED)
    STEPS["revoke"](outcome)
    assert (outcome.version, outcome.revoked_version) == (5, 4)
    assert outcome.event is Event.OUTCOME_REVOKED
    assert outcome.recognised_credit_tenths == 30


def test_only_who_had_a_part_in_it_revokes() -> None:
    with pytest.raises(refusals.NotEntitledToRevoke):
        declared().revoke(party=made.STRANGER, reason="误报", today=TODAY)


def test_only_a_school_of_the_person_recognises() -> None:
    outcome = verified()
    with pytest.raises(refusals.NotSchoolOfPerson):
        outcome.recognise(
            party=made.STRANGER,
            achievement="",
            target_course="食品化学",
            relevance_percent=90,
            credit_tenths=30,
            today=TODAY,
        )


def test_who_recognised_it_credits_it() -> None:
    with pytest.raises(refusals.NotRecogniser):
        outcomes.recognised().accumulate(party=made.FRONT, today=TODAY)


@pytest.mark.parametrize("state", State)
def test_a_credential_is_of_what_was_verified(state: State) -> None:
    outcome = outcome_in(state)
    if state in {State.DECLARED, State.REJECTED, State.REVOKED}:
        with pytest.raises(refusals.OutcomeNotVerified):
            outcome.check_verified()
    else:
        outcome.check_verified()


def test_an_account_adds_up_credits_by_state_and_hours_of_what_is_verified() -> None:
    work = replace(COURSE, kind=Kind.INTERNSHIP, hours=320)
    known = [
        accumulated(credit_tenths=25),
        accumulated(credit_tenths=15),
        outcomes.recognised(credit_tenths=10),
        outcome_in(State.CONVERTED),
        outcome_in(State.REVOKED),
        verified(work),
        verified(work, is_apprenticeship=True, hours=480),
        declared(work),
        verified(COURSE, kind=Kind.TRAINING, hours=24),
    ]
    account = LearningAccount.of(known, person_id=COURSE.person_id, at_date=TODAY)
    assert account == LearningAccount(
        person_id=COURSE.person_id,
        at_date=TODAY,
        outcomes_count=9,
        recognised_credit_tenths=10,
        accumulated_credit_tenths=40,
        converted_credit_tenths=30,
        internship_hours=320,
        apprenticeship_hours=480,
        training_hours=24,
    )
