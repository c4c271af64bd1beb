"""Internships: what each rule says, where it is from, its cases, and the verdict."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import internship_refusals as refusals
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State as CooperationState
from services.enrollment.domain.cooperation_parts import Kind as CooperationKind
from services.enrollment.domain.cooperation_parts import Party, Role
from services.enrollment.domain.internship import Signer, State
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.organisation_refusals import OrganisationBlocked, OrganisationEnded
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.status_record import Stage, StatusRecord
from services.enrollment.domain.student_status import StudentStatus
from tests.enrollment import made, practice
from tests.enrollment.practice import (
    END,
    MAJOR,
    MINOR,
    START,
    minority,
    plan,
    planned,
    point,
    running,
    sign,
)

DAY = timedelta(days=1)


def blocked() -> Any:
    employer = practice.organisation("tongcheng", Kind.ENTERPRISE)
    employer.block(reason="核查")
    return employer


def closing(on: date) -> Any:
    employer = practice.organisation("tongcheng", Kind.ENTERPRISE)
    employer.close(None, effective_date=on)
    return employer


def away() -> StatusRecord:
    record = made.front_record()
    record.study(StudentStatus.SUSPENDED, on=date(2022, 9, 1), change_id=uuid4())
    return record


def of_back_stage() -> StatusRecord:
    record = made.front_record()
    record.stage, record.level = Stage.BACK, Level.HIGHER_VOCATIONAL
    return record


def cooperation(**changes: Any) -> Cooperation:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "state": CooperationState.IN_FORCE,
        "kind": CooperationKind.APPRENTICESHIP,
        "display_name": "现代学徒制",
        "parties": [
            Party(
                organisation=slug, role=role, is_lead=False, must_sign=True, join_date=START - DAY
            )
            for slug, role in ((made.FRONT, Role.SCHOOL), (practice.EMPLOYER, Role.ENTERPRISE))
        ],
        "agreement": None,
        "drafted_by": made.FRONT,
    }
    return Cooperation(**{**facts, **changes})


# Six months from 2 January: to 1 July.
SEVEN_MONTHS = {"end_date": date(2023, 8, 1)}
PLANS: list[tuple[str, str, dict[str, Any], type[DomainError] | None]] = [
    ("what fits is planned", "SXGL", {}, None),
    (
        "no agent arranges it",
        "LAW 职业教育法 art 50",
        {"intermediary": "某劳务派遣公司"},
        refusals.IntermediaryRefused,
    ),
    ("work is paid", "LAW 职业教育法 art 50", {"is_paid": False}, refusals.InternshipUnpaid),
    ("one day is a length", "GK", {"end_date": START}, None),
    ("it ends after it began", "GK", {"end_date": START - DAY}, refusals.InternshipDatesWrong),
    ("six months need no filing", "GD19", {"end_date": END}, None),
    (
        "a day more does, at the front stage",
        "GD19",
        {"end_date": END + DAY},
        refusals.FilingNumberMissing,
    ),
    (
        "a reason is no filing",
        "GD19",
        {**SEVEN_MONTHS, "length_reason": "企业周期"},
        refusals.FilingNumberMissing,
    ),
    ("what is filed may be longer", "GD19", {**SEVEN_MONTHS, "filing_number": "备2023-7"}, None),
    (
        "at the back stage longer than usual is explained",
        "SXGL",
        {**SEVEN_MONTHS, "record": of_back_stage()},
        refusals.LengthReasonMissing,
    ),
    (
        "and, explained, needs no filing",
        "SXGL",
        {**SEVEN_MONTHS, "record": of_back_stage(), "length_reason": "企业周期"},
        None,
    ),
    (
        "in Guangdong the front stage has its own row",
        "GD19",
        {"end_date": END + DAY, "place": Place("44", SchoolKind.SECONDARY)},
        refusals.FilingNumberMissing,
    ),
    (
        "on the sixteenth birthday one is not yet sixteen",
        "LAW 未成年人保护法 art 61",
        {"birth_date": date(2007, 1, 2)},
        refusals.InternTooYoung,
    ),
    (
        "the day after one is",
        "LAW 未成年人保护法 art 61",
        {"birth_date": date(2007, 1, 1)},
        None,
    ),
    ("who is away from school is not sent", "GK", {"record": away()}, refusals.InternNotInSchool),
    (
        "nobody is sent before the intake",
        "GK",
        {"start_date": date(2020, 8, 31), "end_date": date(2020, 9, 30)},
        refusals.InternNotInSchool,
    ),
    (
        "the counterparty is the employing enterprise",
        "LAW 职业教育法 art 50",
        {"employer": practice.organisation("zone", Kind.ZONE)},
        refusals.EmployerNotEnterprise,
    ),
    ("a blocked enterprise takes nobody", "GK", {"employer": blocked()}, OrganisationBlocked),
    (
        "an enterprise that ends meanwhile takes nobody",
        "GK",
        {"employer": closing(END)},
        OrganisationEnded,
    ),
    ("one that ends the day after does", "GK", {"employer": closing(END + DAY)}, None),
    (
        "the post is of the student's major",
        "LAW 职业教育法 art 50",
        {"major_codes": {"540101"}},
        refusals.PostNotMatched,
    ),
    (
        "a post of no major takes nobody",
        "LAW 职业教育法 art 50; S4",
        {"point": point(major_codes=[])},
        refusals.PostNotMatched,
    ),
    ("a renamed major is matched", "GK", {"major_codes": {"690199", MAJOR}}, None),
    (
        "it may belong to a cooperation",
        "LAW 职业教育法 art 30",
        {"cooperation": cooperation()},
        None,
    ),
    (
        "one that is in force",
        "GK",
        {"cooperation": cooperation(state=CooperationState.SUSPENDED)},
        refusals.CooperationNotOfInternship,
    ),
    (
        "and in which the enterprise takes part",
        "GK",
        {"cooperation": cooperation(parties=[])},
        refusals.CooperationNotOfInternship,
    ),
    (
        "the point is open on the first day",
        "GK",
        {"point": point(valid_from_date=START + DAY)},
        refusals.InternshipPointEnded,
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "case", "verdict"), PLANS, ids=[each[0] for each in PLANS]
)
def test_what_is_planned_follows_the_rules(
    rule: str, source: str, case: dict[str, Any], verdict: type[DomainError] | None
) -> None:
    assert rule
    assert source
    if verdict is None:
        internship = planned(**case)
        assert (internship.state, internship.version) == (State.PLANNED, 1)
        assert internship.holder == internship.organisation
    else:
        with pytest.raises(verdict):
            planned(**case)


def test_the_code_under_which_post_and_student_meet_is_kept() -> None:
    internship = planned(major_codes={"690199", MAJOR})
    assert internship.major_code == MAJOR


SIGNED: list[tuple[str, str, dict[str, Any], type[DomainError] | None]] = [
    ("the last signature makes it agreed", "SXGL", {}, None),
    ("on the first day one may still sign", "SXGL", {"sign_date": START}, None),
    (
        "the day after is too late",
        "SXGL",
        {"sign_date": START + DAY, "today": START + DAY},
        refusals.SignDateWrong,
    ),
    (
        "nobody has signed tomorrow",
        "GK",
        {"sign_date": START, "today": START - DAY},
        refusals.SignDateWrong,
    ),
    (
        "all sign the same text",
        "SXGL",
        {"agreement_sha256": "cd" * 32},
        refusals.AgreementDiffers,
    ),
    (
        "an enterprise does not sign for the student",
        "GK",
        {"party": practice.EMPLOYER},
        refusals.SignerNotEntitled,
    ),
    (
        "the day before the eighteenth birthday needs a guardian",
        "LAW 民法典 17",
        {"minority": minority(birth_date=date(2005, 1, 3))},
        refusals.GuardianConsentMissing,
    ),
    (
        "on the birthday too: eighteen is reached the day after",
        "LAW 民法典 17; GK",
        {"minority": minority(birth_date=date(2005, 1, 2))},
        refusals.GuardianConsentMissing,
    ),
    (
        "the day after it needs none",
        "LAW 民法典 17",
        {"minority": minority(birth_date=date(2005, 1, 1))},
        None,
    ),
    (
        "a minor's own consent is none",
        "SXGL",
        {"minority": minority(birth_date=MINOR, is_given=True)},
        refusals.GuardianConsentMissing,
    ),
    (
        "a guardian's is",
        "SXGL",
        {"minority": minority(birth_date=MINOR, is_given=True, guardian_id=uuid4())},
        None,
    ),
    (
        "given after the first day it is none",
        "SXGL",
        {
            "minority": minority(
                birth_date=MINOR, is_given=True, guardian_id=uuid4(), give_date=START + DAY
            )
        },
        refusals.GuardianConsentMissing,
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "case", "verdict"), SIGNED, ids=[each[0] for each in SIGNED]
)
def test_the_last_signature_follows_the_rules(
    rule: str, source: str, case: dict[str, Any], verdict: type[DomainError] | None
) -> None:
    assert rule
    assert source
    internship = planned()
    sign(internship, Signer.SCHOOL)
    sign(internship, Signer.ENTERPRISE, party=practice.EMPLOYER)
    assert internship.state is State.PLANNED
    if verdict is None:
        assert sign(internship, Signer.STUDENT, **case).state is State.AGREED
        is_minor = case.get("minority", minority()).birth_date == MINOR
        assert (internship.guardian_consent_id is not None) is is_minor
    else:
        with pytest.raises(verdict):
            sign(internship, Signer.STUDENT, **case)
        assert internship.state is State.PLANNED


def test_whose_turn_it_is_follows_the_signatures() -> None:
    internship = planned()
    first = internship.holder
    holders = [sign(internship, signer).holder for signer in Signer]
    assert [first, *holders] == [made.FRONT, practice.EMPLOYER, made.FRONT, made.FRONT]
    assert running().holder == made.FRONT


def test_each_party_signs_once() -> None:
    internship = sign(planned(), Signer.SCHOOL)
    with pytest.raises(refusals.AlreadySigned):
        sign(internship, Signer.SCHOOL)


def test_a_point_ends_once_and_not_before_it_began() -> None:
    with pytest.raises(refusals.InternshipPointEnded):
        point().end(valid_to_date=date(2021, 12, 31))
    found = point()
    found.end(valid_to_date=date(2022, 1, 1))
    found.event = None
    with pytest.raises(refusals.InternshipPointEnded):
        found.end(valid_to_date=date(2022, 6, 1))


def test_a_plan_says_what_it_is_of() -> None:
    facts = plan()
    assert (facts.organisation, facts.enterprise) == (made.FRONT, practice.EMPLOYER)
    assert replace(facts, major_codes={"540102", "540101"}).major_code == "540101"
