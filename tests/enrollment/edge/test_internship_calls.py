"""Each RPC on internships and points: as it is meant, repeated, foreign, denied, malformed."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from guantong.enrollment.v1 import learning_outcome_service_pb2
from guantong.enrollment.v1.internship_pb2 import Internship, InternshipPoint
from guantong.enrollment.v1.learning_outcome_service_pb2_grpc import LearningOutcomeServiceStub

from tests.enrollment import made
from tests.enrollment.edge.practice_world import (
    BUREAU,
    CALLERS,
    EMPLOYER,
    END,
    FIRM,
    HEAD,
    MENTOR,
    RPCS,
    START,
    TEACHER,
    PracticeWorld,
    day,
    make_practice_world,
    point_fields,
    sign_fields,
)
from tests.enrollment.edge.test_private_data import dump, forms_of
from tests.enrollment.edge.world import NAME, make_world
from tests.served import Served

STRANGER = (made.STRANGER, "registrar")
NOWHERE = str(uuid4())


@pytest.fixture
async def world(fresh_enrollment: Served) -> PracticeWorld:
    return await make_practice_world(await make_world(fresh_enrollment))


async def test_an_internship_goes_from_plan_to_hours(world: PracticeWorld) -> None:
    internship = await world.run()
    assert internship.state == Internship.STATE_RUNNING
    internship = await world.step(
        "ExtendInternship", internship, end_date=day(date(2023, 9, 30)), filing_number="备7"
    )
    world.advance(date(2023, 9, 30))
    internship = await world.step(
        "CompleteInternship", internship, hours=960, evidence_sha256="cd" * 32
    )
    assert (internship.state, internship.holder) == (Internship.STATE_COMPLETED, "")
    request = learning_outcome_service_pb2.GetLearningOutcomeRequest(
        name=internship.learning_outcome
    )
    stub = LearningOutcomeServiceStub(world.world.service.channel)
    outcome = await stub.GetLearningOutcome(request, metadata=world.world.service.token(*TEACHER))
    assert (outcome.hours, outcome.title) == (960, "食品检验员")
    assert await world.call("GetInternship", name=internship.name) == internship


async def test_what_was_agreed_on_may_be_broken_off(world: PracticeWorld) -> None:
    internship = await world.agree()
    broken = await world.step("BreakOffInternship", internship, reason="企业停产")
    assert (broken.state, broken.HasField("break_off_date")) == (
        Internship.STATE_BROKEN_OFF,
        False,
    )


async def test_names_and_pay_are_opened_for_school_and_enterprise_while_there_is_consent(
    world: PracticeWorld,
) -> None:
    internship = await world.plan()

    async def seen(caller: tuple[str, str]) -> list[tuple[str, int, str]]:
        answer = await world.call("ListInternships", caller)
        assert not any(each.HasField("sealed") for each in answer.internships)
        return [
            (each.display_name, each.pay_fen, each.school_mentor) for each in answer.internships
        ]

    opened = [(NAME, 240_000, MENTOR)]
    assert await seen(TEACHER) == opened
    assert await seen(BUREAU) == [("", 0, "")]
    assert await seen(FIRM) == await seen((made.BACK, "registrar")) == []
    consent = await world.consent()
    assert await seen(FIRM) == opened
    signed = await world.step(
        "SignInternship", internship, FIRM, **sign_fields(signer=Internship.SIGNER_ENTERPRISE)
    )
    assert signed.pay_fen == 240_000
    await world.step("WithdrawConsent", consent)
    assert await seen(FIRM) == []
    details = await world.refused("GetInternship", FIRM, name=internship.name)
    assert details["reason"] == "RESOURCE_NOT_FOUND"
    dumped = await dump(world.world.service.base.database)
    assert [form for form in forms_of(MENTOR) if form in dumped] == []


async def test_points_are_listed_by_day_for_their_school_and_enterprise(
    world: PracticeWorld,
) -> None:
    unmatched = await world.do(
        "DeclareInternshipPoint", **point_fields(post="保安", major_codes=[])
    )
    assert (unmatched.is_matched, world.point.is_matched) == (False, True)
    ended = await world.step("EndInternshipPoint", unmatched, valid_to_date=day(date(2023, 2, 28)))
    assert ended.state == InternshipPoint.STATE_ENDED
    for caller, count in ((TEACHER, 2), (FIRM, 2), (BUREAU, 2), (STRANGER, 0)):
        answer = await world.call("ListInternshipPoints", caller)
        assert len(answer.internship_points) == count
    for at, names in (
        (date(2023, 2, 28), [world.point.name, ended.name]),
        (date(2023, 3, 1), [world.point.name]),
        (date(2021, 12, 31), []),
    ):
        answer = await world.call("ListInternshipPoints", at_date=day(at))
        assert [each.name for each in answer.internship_points] == names
    assert await world.call("GetInternshipPoint", FIRM, name=ended.name) == ended


async def test_internships_come_page_by_page_and_by_filter(world: PracticeWorld) -> None:
    first = await world.plan()
    later = await world.plan(start_date=day(date(2023, 9, 1)), end_date=day(date(2023, 9, 5)))
    page = await world.call("ListInternships", page_size=1)
    assert [each.name for each in page.internships] == [first.name]
    page = await world.call("ListInternships", page_size=1, page_token=page.next_page_token)
    assert ([each.name for each in page.internships], page.next_page_token) == ([later.name], "")
    found: list[tuple[dict[str, Any], list[str]]] = [
        ({"at_date": day(END)}, [first.name]),
        ({"person": first.person}, [first.name, later.name]),
        ({"person": f"persons/{NOWHERE}"}, []),
        ({"enterprise": f"organisations/{EMPLOYER}"}, [first.name, later.name]),
        ({"organisation": f"organisations/{EMPLOYER}"}, []),
        ({"internship_point": world.point.name}, [first.name, later.name]),
        ({"state": Internship.STATE_RUNNING}, []),
    ]
    for filters, names in found:
        answer = await world.call("ListInternships", **filters)
        assert [each.name for each in answer.internships] == names, filters


async def test_a_repeated_request_repeats_the_answer_and_never_the_effect(
    world: PracticeWorld,
) -> None:
    fields = world.plan_fields(request_id=str(uuid4()))
    answer = await world.do("PlanInternship", **fields)
    after = await world.world.snapshot()
    assert await world.do("PlanInternship", **fields) == answer
    assert await world.world.snapshot() == after
    details = await world.refused("PlanInternship", TEACHER, **fields | {"pay_fen": 1})
    assert details["reason"] == "REQUEST_ID_REUSED"


Case = tuple[str, tuple[str, str], dict[str, Any], str]


def refused_points(world: PracticeWorld) -> list[Case]:
    point = {"name": world.point.name, "etag": world.point.etag}
    declare = point_fields(post="另一岗位")
    until = {"valid_to_date": day(END)}
    return [
        ("DeclareInternshipPoint", TEACHER, point_fields(), "INTERNSHIP_POINT_ALREADY_DECLARED"),
        (
            "DeclareInternshipPoint",
            TEACHER,
            declare | {"enterprise": f"organisations/{made.BACK}"},
            "EMPLOYER_NOT_ENTERPRISE",
        ),
        ("DeclareInternshipPoint", TEACHER, declare | {"post": "\t"}, "FIELDS_INVALID"),
        ("DeclareInternshipPoint", TEACHER, declare | {"major_codes": ["6901"]}, "FIELDS_INVALID"),
        (
            "DeclareInternshipPoint",
            TEACHER,
            declare | {"region_code": "320825"},
            "REGION_CODE_NOT_IN_FORCE",
        ),
        ("EndInternshipPoint", STRANGER, point | until, "RESOURCE_NOT_FOUND"),
        ("EndInternshipPoint", FIRM, point | until, "RESOURCE_NOT_FOUND"),
        ("EndInternshipPoint", TEACHER, point | until | {"etag": '"9"'}, "ETAG_MISMATCH"),
        ("GetInternshipPoint", STRANGER, {"name": world.point.name}, "RESOURCE_NOT_FOUND"),
    ]


def refused_plans(world: PracticeWorld) -> list[Case]:
    plan = world.plan_fields()
    return [
        ("PlanInternship", TEACHER, plan, "INTERNSHIP_OVERLAPS"),
        ("PlanInternship", TEACHER, plan | {"intermediary": "劳务公司"}, "INTERMEDIARY_REFUSED"),
        ("PlanInternship", TEACHER, plan | {"pay_fen": 0}, "INTERNSHIP_UNPAID"),
        ("PlanInternship", TEACHER, plan | {"pay_fen": -1}, "FIELDS_INVALID"),
        ("PlanInternship", TEACHER, plan | {"school_mentor": ""}, "FIELDS_INVALID"),
        ("PlanInternship", TEACHER, plan | {"status_record": "x"}, "FIELDS_INVALID"),
        (
            "PlanInternship",
            TEACHER,
            plan | {"end_date": day(date(2023, 9, 20))},
            "FILING_NUMBER_MISSING",
        ),
        ("PlanInternship", STRANGER, plan, "RESOURCE_NOT_FOUND"),
        ("PlanInternship", (made.BACK, "registrar"), plan, "NOT_RECORD_HOLDER"),
    ]


def refused_steps(internship: Internship) -> list[Case]:
    target = {"name": internship.name, "etag": internship.etag}
    signature = target | sign_fields()
    reason = {"reason": "停产"}
    return [
        ("SignInternship", STRANGER, signature, "RESOURCE_NOT_FOUND"),
        ("SignInternship", FIRM, signature, "RESOURCE_NOT_FOUND"),
        ("SignInternship", TEACHER, signature | {"signer": 0}, "FIELDS_INVALID"),
        ("SignInternship", TEACHER, signature | {"agreement_sha256": "AB"}, "FIELDS_INVALID"),
        (
            "SignInternship",
            TEACHER,
            signature | {"sign_date": day(date(2023, 3, 2))},
            "SIGN_DATE_WRONG",
        ),
        ("StartInternship", HEAD, target, "INTERNSHIP_NOT_AT_STEP"),
        ("ExtendInternship", HEAD, target | {"end_date": day(END)}, "INTERNSHIP_NOT_AT_STEP"),
        ("CompleteInternship", HEAD, target, "INTERNSHIP_NOT_AT_STEP"),
        ("CompleteInternship", HEAD, target | {"hours": -1}, "FIELDS_INVALID"),
        ("BreakOffInternship", HEAD, target, "FIELDS_INVALID"),
        ("BreakOffInternship", HEAD, target | reason | {"etag": '"9"'}, "ETAG_MISMATCH"),
        ("BreakOffInternship", (made.BACK, "approver"), target | reason, "RESOURCE_NOT_FOUND"),
        ("GetInternship", TEACHER, {"name": f"internships/{NOWHERE}"}, "RESOURCE_NOT_FOUND"),
        ("ListInternships", TEACHER, {"page_size": -1}, "FIELDS_INVALID"),
        ("ListInternships", TEACHER, {"page_token": "garbage"}, "PAGE_TOKEN_INVALID"),
        ("ListInternshipPoints", TEACHER, {"state": 9}, "FIELDS_INVALID"),
    ]


async def test_what_is_refused_is_said_and_changes_nothing(world: PracticeWorld) -> None:
    internship = await world.plan()
    cases = [*refused_points(world), *refused_plans(world), *refused_steps(internship)]
    for rpc, caller, fields, expected in cases:
        own = {"request_id": str(uuid4())} if rpc in CALLERS else {}
        details = await world.refused(rpc, caller, **own, **fields)
        assert details["reason"] == expected, (rpc, fields)


async def test_an_enterprise_with_consent_is_told_whose_step_it_is(world: PracticeWorld) -> None:
    internship = await world.run()
    await world.consent()
    target = {"name": internship.name, "etag": internship.etag, "request_id": str(uuid4())}
    firm = (EMPLOYER, "approver")
    details = await world.refused("CompleteInternship", firm, **target)
    assert details["reason"] == "NOT_SCHOOL_OF_INTERNSHIP"
    details = await world.refused("CompleteInternship", HEAD, **target)
    assert details["reason"] == "INTERNSHIP_NOT_DUE"
    assert details["metadata"]["first_date"] == END.isoformat()
    assert START < END


async def test_nobody_without_the_permission_calls(world: PracticeWorld) -> None:
    for rpc in RPCS:
        details = await world.refused(rpc, (made.FRONT, "nobody"))
        assert details["reason"] == "PERMISSION_DENIED", rpc
    for rpc, (party, role) in CALLERS.items():
        other = {"registrar": "bureau_officer", "approver": "registrar"}[role]
        if "Consent" not in rpc:
            details = await world.refused(rpc, (party, other))
            assert details["reason"] == "PERMISSION_DENIED", rpc
