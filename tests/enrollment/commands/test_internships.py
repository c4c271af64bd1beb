"""Internships on PostgreSQL: one post a day, three signatures, hours kept once, and who may see."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.db import Transaction
from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from chassis.identity import Caller
from services.enrollment.commands.break_off_internships import (
    BreakOffInternship,
    break_off_internships,
)
from services.enrollment.commands.changing import Target
from services.enrollment.commands.complete_internships import (
    CompleteInternship,
    complete_internships,
)
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.declare_internship_points import (
    DeclareInternshipPoint,
    declare_internship_points,
)
from services.enrollment.commands.end_internship_points import (
    EndInternshipPoint,
    end_internship_points,
)
from services.enrollment.commands.erase_persons import forget
from services.enrollment.commands.extend_internships import ExtendInternship, extend_internships
from services.enrollment.commands.give_consents import GiveConsent, give_consents
from services.enrollment.commands.plan_internships import PlanInternship, plan_internships
from services.enrollment.commands.sign_internships import SignInternship, sign_internships
from services.enrollment.commands.start_internships import start_internships
from services.enrollment.commands.withdraw_consents import withdraw_consents
from services.enrollment.domain import internship_refusals as refusals
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.internship import Internship, Signer, State
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.outcome_refusals import OutcomeAlreadyDeclared
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.queries import internships as queries
from tests.enrollment import made
from tests.enrollment.conftest import POLICIES, Desk, accepted, organisation, unknown
from tests.enrollment.practice import AGREEMENT, MAJOR
from tests.rows import insert

EMPLOYER = "tongcheng"
# The students are born on 2005-03-14: of age on the day after that of 2023.
START, END = date(2023, 4, 3), date(2023, 9, 30)
MINOR_START = date(2023, 1, 2)
MENTOR = "校内导师欧阳"
HEAD = Caller("head", made.FRONT, frozenset())


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.fixture
async def member(desk: Desk) -> CohortMember:
    cohort = await desk.set_up_cohort()
    await desk.run(create_organisations, organisation(EMPLOYER, Kind.ENTERPRISE))
    return await desk.enroll(cohort.id)


@pytest.fixture
async def point(desk: Desk, member: CohortMember) -> InternshipPoint:
    assert member.id
    (found,) = await desk.run(declare_internship_points, declaration(), party=made.FRONT)
    return accepted(found)


def declaration(**changes: Any) -> DeclareInternshipPoint:
    facts: dict[str, Any] = {
        "enterprise": EMPLOYER,
        "post": "食品检验员",
        "major_codes": [MAJOR],
        "match_reason": "岗位任务属于专业核心课程",
        "region_code": "320500",
        "valid_from_date": date(2022, 1, 1),
    }
    return DeclareInternshipPoint(**{**facts, **changes})


async def plan(
    desk: Desk, member: CohortMember, point: InternshipPoint, **changes: Any
) -> PlanInternship:
    facts: dict[str, Any] = {
        "status_record_id": await desk.front_record_id(member.id),
        "point_id": point.id,
        "start_date": START,
        "end_date": END,
        "pay_fen": 240_000,
        "school_mentor": MENTOR,
        "enterprise_mentor": "企业导师甲",
        "intermediary": "",
        "length_reason": "",
        "filing_number": "",
        "cooperation_id": None,
    }
    return PlanInternship(**{**facts, **changes})


async def planned(
    desk: Desk, member: CohortMember, point: InternshipPoint, **changes: Any
) -> Internship:
    item = await plan(desk, member, point, **changes)
    (found,) = await desk.run(plan_internships, item, party=made.FRONT, keys=desk.keys)
    return accepted(found)


async def sign(
    desk: Desk, internship: Internship, signer: Signer, *, party: str = made.FRONT
) -> Internship | DomainError:
    item = SignInternship(
        id=internship.id,
        etag=f'"{internship.version}"',
        signer=signer,
        sign_date=internship.start_date,
        agreement_sha256=AGREEMENT,
    )
    (found,) = await desk.run(
        sign_internships,
        item,
        party=party,
        keys=desk.keys,
        now=noon(internship.start_date),
    )
    return found


async def agreed(desk: Desk, internship: Internship) -> Internship:
    for signer in Signer:
        internship = accepted(await sign(desk, internship, signer))
    return internship


async def step(desk: Desk, command: Any, item: Any, *, on: date, **facts: Any) -> Any:
    given = {"caller": HEAD, "now": noon(on), **facts}
    (found,) = await desk.run(command, item, **given)
    return found


async def started(desk: Desk, internship: Internship, *, on: date = START) -> Any:
    target = Target(id=internship.id, etag=f'"{internship.version}"')
    return await step(desk, start_internships, target, on=on, keys=desk.keys)


async def running(desk: Desk, member: CohortMember, point: InternshipPoint) -> Internship:
    internship = await agreed(desk, await planned(desk, member, point))
    found: Internship = accepted(await started(desk, internship))
    return found


async def consent(
    desk: Desk, member: CohortMember, purpose: Purpose, *, guardian_id: UUID | None = None
) -> Any:
    item = GiveConsent(
        person_id=member.person_id,
        guardian_id=guardian_id,
        purpose=purpose,
        give_date=date(2022, 12, 1),
        evidence_sha256="cd" * 32,
    )
    (given,) = await desk.run(
        give_consents, item, party=made.FRONT, keys=desk.keys, today=date(2022, 12, 1)
    )
    return accepted(given)


async def guardian_of(desk: Desk, member: CohortMember) -> UUID:
    guardian_id = unknown()
    await desk.rows(
        "INSERT INTO guardian (id, version, state, person_id, sealed_display_name,"
        " sealed_relation, sealed_phone)"
        " VALUES (:id, 1, 'CURRENT', :person_id, '', '', '') RETURNING id",
        id=guardian_id,
        person_id=member.person_id,
    )
    return guardian_id


async def test_an_internship_is_agreed_runs_and_gives_its_hours_to_an_outcome(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    internship = await running(desk, member, point)
    item = CompleteInternship(id=internship.id, etag='"5"', hours=960, evidence_sha256="ef" * 32)
    completed = accepted(await step(desk, complete_internships, item, on=END))
    (outcome,) = await desk.rows("SELECT id, kind, hours, issuer, title FROM learning_outcome")
    assert outcome == {
        "id": completed.learning_outcome_id,
        "kind": "INTERNSHIP",
        "hours": 960,
        # Not the enterprise: it would see the student's outcomes.
        "issuer": made.FRONT,
        "title": point.post,
    }
    (columns,) = await desk.rows("SELECT to_jsonb(internship) - 'id' AS held FROM internship")
    assert 960 not in json.loads(columns["held"]).values()
    assert [event for event, _ in await desk.events()][-8:] == [
        "InternshipPointDeclared",
        "InternshipPlanned",
        "InternshipSigned",
        "InternshipSigned",
        "InternshipAgreed",
        "InternshipStarted",
        "OutcomeDeclared",
        "InternshipCompleted",
    ]


async def test_hours_within_an_apprenticeship_are_an_apprentices(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    cooperation_id = unknown()
    parties = json.dumps(
        [
            {
                "organisation": organisation_id,
                "role": role,
                "is_lead": False,
                "must_sign": True,
                "join_date": "2022-09-01",
                "leave_date": None,
                "sign_date": "2022-09-01",
                "signature_recorder": "",
                "signature_sha256": "",
            }
            for organisation_id, role in ((made.FRONT, "SCHOOL"), (EMPLOYER, "ENTERPRISE"))
        ]
    )
    facts = {"state": "IN_FORCE", "kind": "APPRENTICESHIP", "parties": parties}
    async with desk.database.connection() as connection:
        await insert(connection, "cooperation", id=cooperation_id, **facts)
    (stranger,) = await desk.run(
        plan_internships,
        await plan(desk, member, point, cooperation_id=unknown()),
        party=made.FRONT,
        keys=desk.keys,
    )
    assert isinstance(stranger, ResourceNotFound)
    internship = await agreed(
        desk, await planned(desk, member, point, cooperation_id=cooperation_id)
    )
    internship = accepted(await started(desk, internship))
    item = CompleteInternship(id=internship.id, etag='"5"', hours=8, evidence_sha256="ef" * 32)
    await step(desk, complete_internships, item, on=END)
    rows = await desk.rows("SELECT is_apprenticeship FROM learning_outcome")
    assert rows == [{"is_apprenticeship": True}]


async def test_a_student_who_left_school_meanwhile_is_not_started(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    internship = await agreed(desk, await planned(desk, member, point))
    await desk.rows("UPDATE status_record SET state = 'AWAY' WHERE valid_to_date IS NULL")
    refused = await started(desk, internship)
    assert isinstance(refused, refusals.InternNotInSchool)
    assert refused.metadata["state"] == "AWAY"


async def test_what_is_personal_is_sealed_in_table_and_change_rows(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    await planned(desk, member, point, pay_fen=231_547)
    held = await desk.rows("SELECT * FROM internship")
    changes = await desk.rows(
        "SELECT resource, audience FROM change WHERE event_type LIKE 'Intern%'"
    )
    for clear in (MENTOR, "企业导师甲", "231547"):
        assert clear not in str(held)
        assert clear.encode() not in b"".join(each["resource"] for each in changes)
    # An enterprise is sent nothing that it could keep after a consent is withdrawn.
    assert changes[-1]["audience"] == [made.FRONT]


async def test_who_is_erased_leaves_nothing_sealed_behind(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    await planned(desk, member, point)

    async def forgotten(tx: Transaction, person_ids: Sequence[UUID]) -> list[Any]:
        await forget(tx, person_ids)
        return []

    await desk.run(forgotten, member.person_id)
    (row,) = await desk.rows(
        "SELECT sealed_display_name || sealed_pay_fen || sealed_school_mentor"
        " || sealed_enterprise_mentor AS sealed FROM internship"
    )
    assert row == {"sealed": b""}


async def test_the_same_assessment_is_no_second_outcome(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    first = await running(desk, member, point)
    item = CompleteInternship(id=first.id, etag='"5"', hours=10, evidence_sha256="ef" * 32)
    await step(desk, complete_internships, item, on=END)
    later = await planned(
        desk, member, point, start_date=date(2023, 10, 1), end_date=date(2023, 10, 31)
    )
    later = accepted(await started(desk, await agreed(desk, later), on=date(2023, 10, 1)))
    again = CompleteInternship(id=later.id, etag='"5"', hours=10, evidence_sha256="ef" * 32)
    refused = await step(desk, complete_internships, again, on=date(2023, 10, 31))
    assert isinstance(refused, OutcomeAlreadyDeclared)
    (row,) = await desk.rows("SELECT state FROM internship WHERE id = :id", id=later.id)
    assert row == {"state": "RUNNING"}


async def test_a_minor_starts_only_while_a_guardian_consents(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    internship = await planned(
        desk, member, point, start_date=MINOR_START, end_date=date(2023, 3, 1)
    )
    for signer in (Signer.SCHOOL, Signer.ENTERPRISE):
        internship = accepted(await sign(desk, internship, signer))
    refused = await sign(desk, internship, Signer.STUDENT)
    assert isinstance(refused, refusals.GuardianConsentMissing)
    assert refused.metadata == {"start_date": "2023-01-02", "age": "18"}
    guardian_id = await guardian_of(desk, member)
    given = await consent(desk, member, Purpose.INTERNSHIP, guardian_id=guardian_id)
    internship = accepted(await sign(desk, internship, Signer.STUDENT))
    assert internship.guardian_consent_id == given.id
    withdrawal = Target(id=given.id, etag='"1"')
    await desk.run(withdraw_consents, withdrawal, party=made.FRONT, today=MINOR_START)
    refused = await started(desk, internship, on=MINOR_START)
    assert isinstance(refused, refusals.GuardianConsentMissing)


async def test_two_plans_for_one_student_wait_for_each_other_and_one_is_refused(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    first = await plan(desk, member, point)
    second = await plan(desk, member, point, start_date=END, end_date=END)
    results: list[Any] = []

    async def meanwhile() -> None:
        results.extend(await desk.run(plan_internships, second, party=made.FRONT, keys=desk.keys))

    await desk.run_around(
        meanwhile(), plan_internships, first, caller=HEAD, keys=desk.keys, policies=POLICIES
    )
    assert isinstance(results[0], refusals.InternshipOverlaps)
    assert len(await desk.rows("SELECT id FROM internship")) == 1


async def test_a_signature_waits_for_one_that_is_not_committed(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    internship = await planned(desk, member, point)
    results: list[Any] = []

    async def meanwhile() -> None:
        results.append(await sign(desk, internship, Signer.ENTERPRISE))

    item = SignInternship(
        id=internship.id,
        etag='"1"',
        signer=Signer.SCHOOL,
        sign_date=START,
        agreement_sha256=AGREEMENT,
    )
    await desk.run_around(
        meanwhile(),
        sign_internships,
        item,
        caller=HEAD,
        keys=desk.keys,
        policies=POLICIES,
        now=noon(START),
    )
    assert isinstance(results[0], EtagMismatch)
    rows = await desk.rows("SELECT version, enterprise_sign_date FROM internship")
    assert rows == [{"version": 2, "enterprise_sign_date": None}]


async def test_a_post_declared_at_once_is_one_point(desk: Desk, member: CohortMember) -> None:
    assert member.id
    results = await asyncio.gather(
        *(desk.run(declare_internship_points, declaration(), party=made.FRONT) for _ in range(4))
    )
    refused = [
        each for (each,) in results if isinstance(each, refusals.InternshipPointAlreadyDeclared)
    ]
    assert len(refused) == 3
    assert len(await desk.rows("SELECT id FROM internship_point")) == 1


async def test_a_point_that_ends_keeps_a_plan_out_and_the_other_way_round(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    item = await plan(desk, member, point)
    results: list[Any] = []

    async def meanwhile() -> None:
        results.extend(await desk.run(plan_internships, item, party=made.FRONT, keys=desk.keys))

    end = EndInternshipPoint(id=point.id, etag='"1"', valid_to_date=START)
    await desk.run_around(meanwhile(), end_internship_points, end, caller=HEAD)
    assert isinstance(results[0], refusals.InternshipPointEnded)


async def test_an_enterprise_sees_and_signs_while_the_student_consents(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    internship = await planned(desk, member, point)

    async def seen_by(party: str) -> bool:
        try:
            await queries.get_internship(desk.database, internship.id, scope=party)
        except ResourceNotFound:
            return False
        return True

    refused = await sign(desk, internship, Signer.ENTERPRISE, party=EMPLOYER)
    assert isinstance(refused, ResourceNotFound)
    assert [await seen_by(each) for each in (made.FRONT, EMPLOYER, made.BACK)] == [
        True,
        False,
        False,
    ]
    given = await consent(desk, member, Purpose.ENTERPRISE)
    assert await seen_by(EMPLOYER)
    signed = accepted(await sign(desk, internship, Signer.ENTERPRISE, party=EMPLOYER))
    assert (signed.version, signed.holder) == (2, made.FRONT)
    withdrawal = Target(id=given.id, etag='"1"')
    await desk.run(withdraw_consents, withdrawal, party=made.FRONT, today=START)
    assert not await seen_by(EMPLOYER)


@pytest.mark.parametrize(
    ("changes", "party", "refusal"),
    [
        ({"status_record_id": unknown()}, made.FRONT, ResourceNotFound),
        ({"point_id": unknown()}, made.FRONT, ResourceNotFound),
        ({}, made.STRANGER, ResourceNotFound),
        ({}, made.BACK, NotRecordHolder),
        ({"intermediary": "某劳务公司"}, made.FRONT, refusals.IntermediaryRefused),
        ({"pay_fen": 0}, made.FRONT, refusals.InternshipUnpaid),
        ({"end_date": date(2023, 10, 3)}, made.FRONT, refusals.FilingNumberMissing),
    ],
)
async def test_what_may_not_be_planned_changes_nothing(  # noqa: PLR0917 - a row of the table
    desk: Desk,
    member: CohortMember,
    point: InternshipPoint,
    changes: dict[str, Any],
    party: str,
    refusal: type[DomainError],
) -> None:
    item = await plan(desk, member, point, **changes)
    (refused,) = await desk.run(plan_internships, item, party=party, keys=desk.keys)
    assert type(refused) is refusal
    assert await desk.rows("SELECT id FROM internship") == []


async def test_an_extension_and_an_end_before_the_time_are_kept(
    desk: Desk, member: CohortMember, point: InternshipPoint
) -> None:
    internship = await running(desk, member, point)
    extension = ExtendInternship(
        id=internship.id, etag='"5"', end_date=date(2023, 11, 30), filing_number="备2023-7"
    )
    extended = accepted(await step(desk, extend_internships, extension, on=date(2023, 9, 1)))
    assert (extended.end_date, len(extended.extensions)) == (date(2023, 11, 30), 1)
    end = BreakOffInternship(
        id=internship.id, etag='"6"', break_off_date=date(2023, 10, 31), reason="企业停产"
    )
    broken = accepted(await step(desk, break_off_internships, end, on=date(2023, 11, 1)))
    assert (broken.state, broken.holder) == (State.BROKEN_OFF, "")
    # The days after it are free again.
    await planned(desk, member, point, start_date=date(2023, 11, 1), end_date=date(2023, 11, 5))
    stored = await desk.rows("SELECT extensions FROM internship WHERE version = 7")
    assert "备2023-7" in stored[0]["extensions"]
