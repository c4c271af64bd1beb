"""Learning outcomes on PostgreSQL: versions are added and never changed, conversions count once."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from chassis.identity import Caller
from services.enrollment.commands.accumulate_learning_outcomes import (
    AccumulateLearningOutcome,
    accumulate_learning_outcomes,
)
from services.enrollment.commands.convert_learning_outcomes import (
    ConvertLearningOutcomes,
    convert_learning_outcomes,
)
from services.enrollment.commands.declare_learning_outcomes import declare_learning_outcomes
from services.enrollment.commands.recognise_learning_outcomes import (
    RecogniseLearningOutcome,
    recognise_learning_outcomes,
)
from services.enrollment.commands.revoke_learning_outcomes import (
    RevokeLearningOutcome,
    revoke_learning_outcomes,
)
from services.enrollment.commands.verify_learning_outcomes import (
    VerifyLearningOutcome,
    verify_learning_outcomes,
)
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.learning_outcome import LearningOutcome, State
from services.enrollment.domain.outcome_refusals import (
    IssuerNotRegistered,
    NothingToConvert,
    OutcomeAlreadyDeclared,
)
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.queries import learning_outcomes as queries
from tests.enrollment import made
from tests.enrollment.conftest import NOW, POLICIES, Desk, accepted, unknown
from tests.enrollment.outcomes import COURSE

TEACHER = Caller("teacher", made.FRONT, frozenset())
CHECKER = Caller("checker", made.FRONT, frozenset())
ACHIEVED = date(2020, 9, 2)


@pytest.fixture
async def member(desk: Desk) -> CohortMember:
    cohort = await desk.set_up_cohort()
    return await desk.enroll(cohort.id)


async def declare(desk: Desk, member: CohortMember, **changes: Any) -> LearningOutcome:
    facts = {"person_id": member.person_id, "achieve_date": ACHIEVED, **changes}
    item = replace(COURSE, **facts)
    (outcome,) = await desk.run(declare_learning_outcomes, item, caller=TEACHER, now=NOW)
    return accepted(outcome)


async def verify(desk: Desk, outcome: LearningOutcome) -> LearningOutcome:
    item = VerifyLearningOutcome(id=outcome.id, etag=f'"{outcome.version}"')
    (verified,) = await desk.run(verify_learning_outcomes, item, caller=CHECKER, now=NOW)
    return accepted(verified)


async def accumulate(desk: Desk, member: CohortMember, **changes: Any) -> LearningOutcome:
    outcome = await verify(desk, await declare(desk, member, **changes))
    recognition = RecogniseLearningOutcome(
        id=outcome.id,
        etag='"2"',
        achievement="",
        target_course="食品化学",
        relevance_percent=90,
        credit_tenths=40,
    )
    await desk.run(recognise_learning_outcomes, recognition, caller=CHECKER, now=NOW)
    item = AccumulateLearningOutcome(id=outcome.id, etag='"3"')
    (found,) = await desk.run(accumulate_learning_outcomes, item, caller=CHECKER, now=NOW)
    return accepted(found)


async def conversion_of(desk: Desk, member: CohortMember) -> ConvertLearningOutcomes:
    record_id = await desk.front_record_id(member.id)
    return ConvertLearningOutcomes(status_record_id=record_id, graduation_credit_tenths=1_000)


async def versions(desk: Desk) -> list[tuple[int, str]]:
    rows = await desk.rows("SELECT version, state FROM learning_outcome ORDER BY id, version")
    return [(row["version"], row["state"]) for row in rows]


async def test_every_step_is_a_row_of_its_own_and_a_change(
    desk: Desk, member: CohortMember
) -> None:
    outcome = await accumulate(desk, member)
    await desk.run(
        convert_learning_outcomes, await conversion_of(desk, member), caller=CHECKER, now=NOW
    )
    revocation = RevokeLearningOutcome(id=outcome.id, etag='"5"', reason="证书作废")
    await desk.run(revoke_learning_outcomes, revocation, caller=TEACHER, now=NOW)
    states = ["DECLARED", "VERIFIED", "RECOGNISED", "ACCUMULATED", "CONVERTED", "REVOKED"]
    assert await versions(desk) == list(enumerate(states, start=1))
    (last,) = await desk.rows("SELECT revoked_version FROM learning_outcome WHERE version = 6")
    assert last == {"revoked_version": 5}
    assert [event for event, _ in await desk.events()][-7:] == [
        "OutcomeDeclared",
        "OutcomeVerified",
        "OutcomeRecognised",
        "OutcomeAccumulated",
        "OutcomeConverted",
        "CreditsConverted",
        "OutcomeRevoked",
    ]


@pytest.mark.parametrize("table", ["learning_outcome", "credit_conversion"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET version = version", "DELETE FROM {}", "TRUNCATE {}"],
)
async def test_no_row_is_changed_or_deleted_by_anybody(
    desk: Desk, member: CohortMember, table: str, statement: str
) -> None:
    await accumulate(desk, member)
    await desk.run(
        convert_learning_outcomes, await conversion_of(desk, member), caller=CHECKER, now=NOW
    )
    before = await desk.rows(f"SELECT * FROM {table}")  # noqa: S608 - a table of this test
    assert before
    with pytest.raises(asyncpg.RestrictViolationError, match=table):
        await desk.rows(statement.format(table))
    assert await desk.rows(f"SELECT * FROM {table}") == before  # noqa: S608 - as above


@pytest.mark.parametrize(
    ("changes", "caller", "refusal"),
    [
        ({}, TEACHER, OutcomeAlreadyDeclared),
        ({"evidence_sha256": "b" * 64, "issuer": "nobody"}, TEACHER, IssuerNotRegistered),
        ({"person_id": unknown()}, TEACHER, ResourceNotFound),
        ({}, Caller("other", made.STRANGER, frozenset()), ResourceNotFound),
    ],
)
async def test_what_may_not_be_declared_changes_nothing(
    desk: Desk,
    member: CohortMember,
    changes: dict[str, Any],
    caller: Caller,
    refusal: type[DomainError],
) -> None:
    await declare(desk, member)
    item = replace(COURSE, **{"person_id": member.person_id, "achieve_date": ACHIEVED, **changes})
    (refused,) = await desk.run(declare_learning_outcomes, item, caller=caller, now=NOW)
    assert type(refused) is refusal
    assert len(await versions(desk)) == 1


async def test_the_same_evidence_declared_at_once_is_one_outcome(
    desk: Desk, member: CohortMember
) -> None:
    results = await asyncio.gather(
        *(declare(desk, member) for _ in range(4)), return_exceptions=True
    )
    refused = [each for each in results if isinstance(each, OutcomeAlreadyDeclared)]
    assert len(refused) == 3
    assert len(await versions(desk)) == 1


@pytest.mark.parametrize(
    ("etag", "caller", "refusal"),
    [
        ('"2"', CHECKER, EtagMismatch),
        ('"1"', Caller("other", made.STRANGER, frozenset()), ResourceNotFound),
    ],
)
async def test_a_step_from_elsewhere_is_refused(
    desk: Desk, member: CohortMember, etag: str, caller: Caller, refusal: type[DomainError]
) -> None:
    outcome = await declare(desk, member)
    item = VerifyLearningOutcome(id=outcome.id, etag=etag)
    (refused,) = await desk.run(verify_learning_outcomes, item, caller=caller, now=NOW)
    assert type(refused) is refusal


async def test_a_verification_waits_for_one_that_is_not_committed(
    desk: Desk, member: CohortMember
) -> None:
    outcome = await declare(desk, member)
    item = VerifyLearningOutcome(id=outcome.id, etag='"1"')
    second: list[Any] = []

    async def again() -> None:
        second.extend(await desk.run(verify_learning_outcomes, item, caller=CHECKER, now=NOW))

    await desk.run_around(again(), verify_learning_outcomes, item, caller=CHECKER, now=NOW)
    assert isinstance(second[0], EtagMismatch)
    assert await versions(desk) == [(1, "DECLARED"), (2, "VERIFIED")]


async def test_a_conversion_waits_for_one_that_is_not_committed(
    desk: Desk, member: CohortMember
) -> None:
    await accumulate(desk, member)
    item = await conversion_of(desk, member)
    second: list[Any] = []

    async def again() -> None:
        second.extend(await desk.run(convert_learning_outcomes, item, caller=CHECKER, now=NOW))

    await desk.run_around(
        again(), convert_learning_outcomes, item, caller=CHECKER, now=NOW, policies=POLICIES
    )
    assert isinstance(second[0], NothingToConvert)
    assert len(await desk.rows("SELECT id FROM credit_conversion")) == 1


async def test_only_who_holds_the_record_converts(desk: Desk, member: CohortMember) -> None:
    await accumulate(desk, member)
    item = await conversion_of(desk, member)
    back = Caller("back", made.BACK, frozenset())
    (refused,) = await desk.run(convert_learning_outcomes, item, caller=back, now=NOW)
    assert isinstance(refused, NotRecordHolder)


async def account(desk: Desk, person_id: UUID, at: datetime) -> tuple[int, int, int]:
    found, _ = await queries.get_learning_account(
        desk.database, person_id, scope=made.BACK, at_date=at.date()
    )
    return (
        found.outcomes_count,
        found.accumulated_credit_tenths,
        found.converted_credit_tenths,
    )


async def test_an_account_is_read_as_it_was_on_any_day(desk: Desk, member: CohortMember) -> None:
    outcome = await accumulate(desk, member)
    later, last = NOW + timedelta(days=10), NOW + timedelta(days=20)
    item = await conversion_of(desk, member)
    await desk.run(convert_learning_outcomes, item, caller=CHECKER, now=later)
    revocation = RevokeLearningOutcome(id=outcome.id, etag='"5"', reason="证书作废")
    await desk.run(revoke_learning_outcomes, revocation, caller=TEACHER, now=last)
    days = [NOW - timedelta(days=1), NOW, later - timedelta(days=1), later, last]
    assert [await account(desk, member.person_id, day) for day in days] == [
        (0, 0, 0),
        (1, 40, 0),
        (1, 40, 0),
        (1, 0, 40),
        (1, 0, 0),
    ]
    row = await queries.get_learning_outcome(
        desk.database, outcome.id, scope=made.FRONT, at_date=later.date()
    )
    assert row["state"] == State.CONVERTED


async def test_an_account_of_a_stranger_is_not_found(desk: Desk, member: CohortMember) -> None:
    with pytest.raises(ResourceNotFound):
        await queries.get_learning_account(
            desk.database, member.person_id, scope=made.STRANGER, at_date=NOW.date()
        )
