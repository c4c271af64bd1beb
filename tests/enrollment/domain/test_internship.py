"""Internships: what each rule says, where it is from, its cases, and the verdict."""

from collections.abc import Callable
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
from services.enrollment.domain.events import Event
from services.enrollment.domain.internship import Internship, Signer, State, check_apart
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.organisation_refusals import OrganisationBlocked, OrganisationEnded
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.status_record import Stage, StatusRecord
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.domain.student_status import StudentStatus
from tests.enrollment import made, practice
from tests.enrollment.practice import (
    END,
    MAJOR,
    MINOR,
    START,
    agreed,
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


def completed() -> Internship:
    internship = running()
    internship.complete(party=made.FRONT, learning_outcome_id=None, today=END)
    return practice.settled(internship)


def broken_off(on: date | None = None, made_by: Callable[[], Internship] = running) -> Internship:
    internship = made_by()
    internship.break_off(party=made.FRONT, break_off_date=on, reason="企业停产", today=END)
    return practice.settled(internship)


def start(internship: Internship, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "party": made.FRONT,
        "record_state": RecordState.IN_SCHOOL,
        "minority": minority(),
        "today": START,
    }
    internship.start(**{**facts, **changes})


def extend(internship: Internship, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "party": made.FRONT,
        "end_date": date(2023, 8, 31),
        "filing_number": "备2023-7",
        "policies": practice.POLICIES,
        "place": Place("32"),
        "others": [internship],
        "today": date(2023, 6, 1),
    }
    internship.extend(**{**facts, **changes})


def complete(internship: Internship, **changes: Any) -> None:
    facts = {"party": made.FRONT, "learning_outcome_id": None, "today": END}
    internship.complete(**{**facts, **changes})


def break_off(internship: Internship, **changes: Any) -> None:
    facts = {"party": made.FRONT, "break_off_date": START, "reason": "停产", "today": END}
    internship.break_off(**{**facts, **changes})


def resign(internship: Internship, **changes: Any) -> None:
    sign(internship, Signer.SCHOOL, **changes)


STEPS: dict[Callable[..., None], tuple[Event, set[State]]] = {
    resign: (Event.INTERNSHIP_SIGNED, {State.PLANNED}),
    start: (Event.INTERNSHIP_STARTED, {State.AGREED}),
    extend: (Event.INTERNSHIP_EXTENDED, {State.RUNNING}),
    complete: (Event.INTERNSHIP_COMPLETED, {State.RUNNING}),
    break_off: (Event.INTERNSHIP_BROKEN_OFF, {State.PLANNED, State.AGREED, State.RUNNING}),
}
MADE: dict[State, Callable[[], Internship]] = {
    State.PLANNED: planned,
    State.AGREED: agreed,
    State.RUNNING: running,
    State.COMPLETED: completed,
    State.BROKEN_OFF: lambda: broken_off(START),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", STEPS, ids=lambda each: str(each.__name__))
def test_each_step_follows_its_states_and_no_other(step: Callable[..., None], state: State) -> None:
    internship = MADE[state]()
    event, states = STEPS[step]
    if state not in states:
        with pytest.raises(refusals.InternshipNotAtStep):
            step(internship)
        return
    step(internship)
    if step is not resign:
        assert internship.event is event


@pytest.mark.parametrize(
    "step", [start, extend, complete, break_off], ids=lambda each: each.__name__
)
def test_the_steps_are_the_schools(step: Callable[..., None]) -> None:
    internship = agreed() if step is start else running()
    with pytest.raises(refusals.NotSchoolOfInternship):
        step(internship, party=practice.EMPLOYER)


@pytest.mark.parametrize(
    ("make", "step", "changes", "verdict"),
    [
        (agreed, start, {"today": START - DAY}, refusals.InternshipNotDue),
        (agreed, start, {"today": END}, None),
        (agreed, start, {"record_state": RecordState.AWAY}, refusals.InternNotInSchool),
        (agreed, start, {"today": END + DAY}, refusals.InternshipNotDue),
        # The consent was withdrawn after the signature.
        (
            agreed,
            start,
            {"minority": minority(birth_date=MINOR)},
            refusals.GuardianConsentMissing,
        ),
        (running, complete, {"today": END - DAY}, refusals.InternshipNotDue),
        (running, complete, {"today": END}, None),
        (running, extend, {"filing_number": ""}, refusals.FilingNumberMissing),
        (running, extend, {"end_date": END}, refusals.InternshipDatesWrong),
        (running, break_off, {"break_off_date": None}, refusals.BreakOffDateWrong),
        (running, break_off, {"break_off_date": START - DAY}, refusals.BreakOffDateWrong),
        (running, break_off, {"break_off_date": END}, None),
        (
            running,
            break_off,
            {"break_off_date": date(2023, 3, 2), "today": date(2023, 3, 1)},
            refusals.BreakOffDateWrong,
        ),
        (planned, break_off, {"break_off_date": None}, None),
    ],
)
def test_the_days_of_the_steps(
    make: Callable[[], Internship],
    step: Callable[..., None],
    changes: dict[str, Any],
    verdict: type[DomainError] | None,
) -> None:
    internship = make()
    if verdict is None:
        step(internship, **changes)
    else:
        with pytest.raises(verdict):
            step(internship, **changes)


def test_an_extension_is_kept_with_its_number() -> None:
    internship = running()
    extend(internship)
    (kept,) = internship.extensions
    assert (kept.previous_end_date, kept.end_date, internship.end_date) == (
        END,
        date(2023, 8, 31),
        date(2023, 8, 31),
    )
    assert kept.filing_number == "备2023-7"


# Each is held against one from START to END.
APART: list[tuple[str, date, date, bool]] = [
    ("the day before ends it", date(2022, 12, 1), START - DAY, True),
    ("the first day is taken", date(2022, 12, 1), START, False),
    ("a day within is taken", date(2023, 3, 1), date(2023, 3, 1), False),
    ("around it is taken", START - DAY, END + DAY, False),
    ("the last day is taken", END, END + DAY, False),
    ("the day after is free", END + DAY, date(2023, 12, 1), True),
]


@pytest.mark.parametrize(("case", "first", "last", "is_free"), APART, ids=[a[0] for a in APART])
@pytest.mark.parametrize("make", [planned, agreed, running, completed])
def test_a_student_is_at_one_post_on_each_day(
    case: str, first: date, last: date, make: Callable[[], Internship], *, is_free: bool
) -> None:
    assert case
    if is_free:
        check_apart(first, last, [make()])
    else:
        with pytest.raises(refusals.InternshipOverlaps):
            check_apart(first, last, [make()])


def test_what_was_broken_off_holds_the_days_that_it_had() -> None:
    until = broken_off(date(2023, 3, 1))
    check_apart(date(2023, 3, 2), END, [until])
    with pytest.raises(refusals.InternshipOverlaps):
        check_apart(date(2023, 3, 1), END, [until])
    check_apart(START, END, [broken_off(None, planned), broken_off(START, agreed)])


def test_a_plan_and_an_extension_look_at_the_students_other_internships() -> None:
    with pytest.raises(refusals.InternshipOverlaps):
        planned((running(),))
    later = planned(start_date=date(2023, 8, 1), end_date=date(2023, 8, 31))
    internship = running()
    with pytest.raises(refusals.InternshipOverlaps):
        extend(internship, others=[internship, later])


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
