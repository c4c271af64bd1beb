"""Steps of a batch and changes of its applicants at the same time: places stay, nothing slips.

Every race is held at a lock until all have arrived there.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.assess_applications import AssessApplication, assess_applications
from services.transfer.commands.close_assessments import CloseAssessment, close_assessments
from services.transfer.commands.close_registrations import CloseRegistration, close_registrations
from services.transfer.commands.confirm_applications import ConfirmApplication, confirm_applications
from services.transfer.commands.draft_applications import DraftApplication, draft_applications
from services.transfer.commands.lock_scores import LockScores, lock_scores
from services.transfer.commands.publish_proposals import PublishProposal, publish_proposals
from services.transfer.commands.raise_objections import RaiseObjection, raise_objections
from services.transfer.commands.refuse_applications import RefuseApplication, refuse_applications
from services.transfer.commands.report_transfer_batches import (
    ReportTransferBatch,
    report_transfer_batches,
)
from services.transfer.commands.resolve_objections import ResolveObjection, resolve_objections
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from services.transfer.commands.withdraw_applications import (
    WithdrawApplication,
    withdraw_applications,
)
from tests.transfer.aggregates import BACK, COLLEAGUE, FRONT, NOTICE_BEGIN, NOTICE_END, marks
from tests.transfer.desk import Answer, Desk, at, counted, id_of, reasons, target
from tests.transfer.way import AFTER_NOTICE, Way

BATCHES = "SELECT 1 FROM transfer_batch FOR UPDATE"
APPLICATIONS = "SELECT 1 FROM application FOR UPDATE"
NO_NEW_APPLICATIONS = "LOCK TABLE application IN SHARE MODE"


def withdraw(desk: Desk, each: Any) -> Any:
    item = WithdrawApplication(**target(each), guardian_consented=True)
    return desk.many(withdraw_applications, item, party=FRONT)


async def test_places_are_conserved_whatever_happens_to_them_at_once(desk: Desk) -> None:
    random = Random(20230410)  # noqa: S311 - not security
    way = await (await Way.begin(desk, quota=5)).proposed(6)
    await way.approve()
    calls = []
    for each in way.applicants:
        facts = target(each)
        calls += [
            desk.many(admit_applications, AdmitApplication(**facts), party=BACK),
            desk.many(
                refuse_applications,
                RefuseApplication(**facts, sealed_decision_reason=b"sealed"),
                party=BACK,
            ),
            withdraw(desk, each),
        ]
    random.shuffle(calls)
    answered = counted(await desk.race(*calls, held=BATCHES))
    ((quota, reserved, admitted, lapsed),) = await desk.places()
    assert (quota, reserved, admitted + lapsed) == (5, 0, 5)
    assert admitted == answered["ADMITTED"]
    assert lapsed == answered["NOT_ADMITTED"] + answered["WITHDRAWN"]
    # The sixth was below the quota; of three calls for each of the others one wins.
    assert answered["ETAG_MISMATCH"] == 10
    assert answered["APPLICATION_NOT_PROPOSED"] == 2
    assert answered["APPLICATION_NOT_WITHDRAWABLE"] == 1


async def test_withdrawals_and_objections_at_once_vacate_a_place_once(desk: Desk) -> None:
    way = await (await Way.begin(desk, quota=10)).proposed(10)
    objections: list[Any] = await desk.many(
        raise_objections,
        *(
            RaiseObjection(application_id=id_of(each), sealed_ground=b"x")
            for each in way.applicants
        ),
        party=FRONT,
    )
    await way.read()
    calls = [withdraw(desk, each) for each in way.applicants]
    for number, each in enumerate(objections):
        item = ResolveObjection(
            **target(each),
            upheld=number % 2 == 0,
            sealed_decision=b"x",
            sealed_decision_reason=b"x",
        )
        calls.insert(2 * number, desk.many(resolve_objections, item, party=BACK, subject=COLLEAGUE))
    answered = counted(await desk.race(*calls, held=BATCHES))
    assert answered["UPHELD"] + answered["DISMISSED"] == 10
    ((_, reserved, admitted, lapsed),) = await desk.places()
    assert (reserved + lapsed, admitted) == (10, 0)
    states = Counter(row["state"] for row in await desk.rows("SELECT state FROM application"))
    assert lapsed == states["WITHDRAWN"] + states["DISQUALIFIED"]
    assert states["OBJECTED"] == 0
    assert "DeadlockDetectedError" not in desk.failures


@pytest.mark.parametrize("upheld", [True, False])
async def test_who_withdrew_under_an_objection_stays_withdrawn(desk: Desk, *, upheld: bool) -> None:
    way = await (await Way.begin(desk)).proposed(1)
    raised = RaiseObjection(application_id=id_of(way.applicants[0]), sealed_ground=b"x")
    objection = await desk.one(raise_objections, raised, party=BACK)
    await way.read()
    await way.all(withdraw_applications, WithdrawApplication, party=FRONT, guardian_consented=True)
    answer = await desk.one(
        resolve_objections,
        ResolveObjection(
            **target(objection), upheld=upheld, sealed_decision=b"x", sealed_decision_reason=b"x"
        ),
        party=BACK,
        subject=COLLEAGUE,
    )
    assert reasons([answer]) == ["UPHELD" if upheld else "DISMISSED"]
    assert (await desk.application(id_of(way.applicants[0])))["state"] == "WITHDRAWN"
    assert await desk.places() == [(30, 0, 0, 1)]
    # The list can go on.
    await way.approve()


async def test_registration_does_not_close_over_a_draft_that_comes_at_the_same_time(
    desk: Desk,
) -> None:
    way = await Way.begin(desk)
    members = await desk.know_members(UUID(way.batch.pathway_project.partition("/")[2]), 6)
    drafts = [
        desk.many(
            draft_applications, DraftApplication(batch_id=way.id, member_id=each), party=FRONT
        )
        for each in members
    ]
    close = CloseRegistration(**target(way.batch))
    closings = [desk.many(close_registrations, close, party=BACK) for _ in range(6)]
    answered = counted(await desk.race(*drafts, held=NO_NEW_APPLICATIONS, then=closings))
    (row,) = await desk.rows(
        "SELECT state, (SELECT count(*) FROM application) AS drafts FROM transfer_batch"
    )
    assert answered == {"DRAFT": 6, "APPLICATIONS_UNDECIDED": 6}
    assert row == {"state": "REGISTRATION_OPEN", "drafts": 6}


async def test_a_list_is_not_reported_over_an_objection_that_comes_at_the_same_time(
    desk: Desk,
) -> None:
    way = await (await Way.begin(desk)).proposed(6)
    report = ReportTransferBatch(**target(way.batch))
    objections = [
        desk.many(
            raise_objections,
            RaiseObjection(application_id=id_of(each), sealed_ground=b"x"),
            party=FRONT,
            now=at(date(2023, 4, 14)),
        )
        for each in way.applicants
    ]
    reports = [
        desk.many(report_transfer_batches, report, party=BACK, now=AFTER_NOTICE) for _ in range(4)
    ]
    answered = counted(await desk.race(*objections, held=APPLICATIONS, then=reports))
    assert answered == {"OPEN": 6, "OBJECTION_OPEN": 4}
    assert await desk.rows("SELECT state FROM transfer_batch") == [{"state": "PROPOSED_PUBLISHED"}]


async def test_nobody_is_assessed_after_the_assessment_ended(desk: Desk) -> None:
    way = await Way.begin(desk)
    await way.draft(12)
    await way.qualify()
    await way.step(close_registrations, CloseRegistration)
    result: dict[str, Any] = {
        "marks": marks(culture=9_000, skills=9_000),
        "absent": False,
        "exempt": False,
        "sealed_exemption_ground": b"",
    }
    items = [AssessApplication(**target(each), **result) for each in way.applicants]
    close = CloseAssessment(**target(way.batch))
    answered = counted(
        await desk.race(
            *(desk.many(assess_applications, each, party=BACK) for each in items[:6]),
            *(desk.many(close_assessments, close, party=BACK) for _ in range(4)),
            desk.many(assess_applications, *items[6:], party=BACK),
            *(desk.many(close_assessments, close, party=BACK) for _ in range(4)),
            held=BATCHES,
        )
    )
    assert answered["ASSESSED_MET"] == 12
    closed = answered["ASSESSED"]
    assert closed <= 1
    assert answered["APPLICATIONS_UNDECIDED"] + answered["ETAG_MISMATCH"] == 8 - closed


async def confirming(desk: Desk) -> list[Any]:
    """Return confirmations, and closings of the registration that they belong to."""
    way = await Way.begin(desk)
    await way.draft(10)
    await way.all(submit_applications, SubmitApplication, party=FRONT)
    close = CloseRegistration(**target(way.batch))
    calls = []
    for each in way.applicants:
        confirm = ConfirmApplication(**target(each))
        calls += [
            desk.many(confirm_applications, confirm, party=FRONT, subject=COLLEAGUE),
            desk.many(close_registrations, close, party=BACK),
        ]
    return calls


async def publishing(desk: Desk) -> list[Any]:
    """Return withdrawals of applicants, and publications of the list that ranks them."""
    way = await Way.begin(desk)
    await way.draft(10)
    await way.qualify()
    await way.assess()
    await way.step(close_assessments, CloseAssessment)
    await way.step(lock_scores, LockScores)
    publish = PublishProposal(**target(way.batch), begin=NOTICE_BEGIN, end=NOTICE_END)
    calls = [withdraw(desk, each) for each in way.applicants]
    calls[5:5] = [desk.many(publish_proposals, publish, party=BACK) for _ in range(5)]
    return calls


@pytest.mark.parametrize("prepare", [confirming, publishing])
@pytest.mark.parametrize("held", [BATCHES, APPLICATIONS])
async def test_a_step_of_a_batch_and_its_applicants_do_not_wait_in_a_circle(
    desk: Desk, prepare: Callable[[Desk], Any], held: str
) -> None:
    calls = await prepare(desk)
    answers: list[list[Answer] | BaseException] = await desk.race(*calls, held=held)
    assert counted(answers).total() == len(calls)
    assert "DeadlockDetectedError" not in desk.failures
    await desk.places()
