"""What enrollment owns: not yet known is no refusal, and an older copy changes nothing."""

from uuid import UUID, uuid4

import pytest

from chassis.errors import NotYetKnown
from services.transfer.commands.confirm_applications import ConfirmApplication, confirm_applications
from services.transfer.commands.draft_applications import DraftApplication, draft_applications
from services.transfer.commands.draft_transfer_batches import (
    DraftTransferBatch,
    draft_transfer_batches,
)
from services.transfer.commands.note_registrations import NoteRegistration, note_registrations
from services.transfer.commands.qualify_applications import QualifyApplication, qualify_applications
from services.transfer.commands.record_arrivals import RecordArrival, record_arrivals
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from tests.transfer.aggregates import BACK, COLLEAGUE, DEADLINE, FRONT, SCHEME
from tests.transfer.desk import Desk, at, id_of, reasons
from tests.transfer.way import Way


def project_of(way: Way) -> UUID:
    return UUID(way.batch.pathway_project.partition("/")[2])


async def test_a_project_that_has_not_arrived_is_not_yet_known_and_later_drafted(
    desk: Desk,
) -> None:
    project_id = uuid4()
    item = DraftTransferBatch(project_id=project_id, quota=1, scheme=SCHEME)
    request_id = str(uuid4())
    (answer,) = await desk.many(draft_transfer_batches, item, party=BACK, request_id=request_id)
    assert isinstance(answer, NotYetKnown)
    assert answer.metadata == {"name": f"pathwayProjects/{project_id}"}
    assert answer.retry_after_ms == 1_000
    await desk.know_project(id=project_id)
    drafted = await desk.one(draft_transfer_batches, item, party=BACK, request_id=request_id)
    assert reasons([drafted]) == ["DRAFT"]


async def test_a_member_who_has_not_arrived_is_not_yet_known_and_sinks_no_other(
    desk: Desk,
) -> None:
    way = await Way.begin(desk)
    (known,) = await desk.know_members(project_of(way), 1)
    later = uuid4()
    items = [DraftApplication(batch_id=way.id, member_id=each) for each in (later, known)]
    request_id = str(uuid4())
    first = await desk.many(draft_applications, *items, party=FRONT, request_id=request_id)
    assert reasons(first) == ["NOT_YET_KNOWN", "DRAFT"]
    await desk.know_members(project_of(way), 1, id=later)
    # The same call completes itself.
    again = await desk.many(draft_applications, *items, party=FRONT, request_id=request_id)
    assert reasons(again) == ["DRAFT", "DRAFT"]
    assert again[1] == first[1]


@pytest.mark.parametrize("party", [FRONT, BACK])
async def test_a_member_of_other_schools_is_answered_as_one_who_is_not_there(
    desk: Desk, party: str
) -> None:
    way = await Way.begin(desk)
    foreign = await desk.know_project(front="elsewhere", back="far-away")
    (other,) = await desk.know_members(foreign, 1)
    (early,) = await desk.know_members(uuid4(), 1)
    unknown = uuid4()
    items = [DraftApplication(batch_id=way.id, member_id=each) for each in (other, early, unknown)]
    answers = await desk.many(draft_applications, *items, party=party)
    assert reasons(answers) == ["NOT_YET_KNOWN"] * 3
    assert [each.metadata["name"] for each in answers if isinstance(each, NotYetKnown)] == [
        f"cohortMembers/{each}" for each in (other, early, unknown)
    ]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("DECLARED", "PATHWAY_PROJECT_NOT_APPROVED"),
        ("APPROVED", "DRAFT"),
        ("RECRUITING", "DRAFT"),
        ("RUNNING", "DRAFT"),
        # Stopped means: no new intake; those who are in go on.
        ("STOPPED", "DRAFT"),
        ("CLOSED", "PATHWAY_PROJECT_NOT_APPROVED"),
    ],
)
async def test_a_batch_is_drafted_for_an_approved_project(
    desk: Desk, state: str, reason: str
) -> None:
    project_id = await desk.know_project(state=state)
    item = DraftTransferBatch(project_id=project_id, quota=1, scheme=SCHEME)
    assert reasons(await desk.many(draft_transfer_batches, item, party=BACK)) == [reason]


async def test_an_older_copy_changes_nothing(desk: Desk) -> None:
    project_id = await desk.know_project(version=3, back_plan=40)
    await desk.know_project(id=project_id, version=2, back_plan=99)
    await desk.know_project(id=project_id, version=3, back_plan=98)
    query = "SELECT version, back_plan FROM copy_pathway_project"
    assert await desk.rows(query) == [{"version": 3, "back_plan": 40}]
    await desk.know_project(id=project_id, version=4, back_plan=50)
    assert await desk.rows(query) == [{"version": 4, "back_plan": 50}]


async def test_who_left_the_pathway_meanwhile_is_not_qualified(desk: Desk) -> None:
    way = await Way.begin(desk)
    await way.draft(2)
    await way.all(submit_applications, SubmitApplication, party=FRONT)

    await way.all(confirm_applications, ConfirmApplication, party=FRONT, subject=COLLEAGUE)
    row = await desk.application(id_of(way.applicants[1]))
    await desk.know_members(project_of(way), 1, id=row["member_id"], version=2, state="LEFT")
    assert await way.all(qualify_applications, QualifyApplication) == [
        "QUALIFIED",
        "MEMBER_NOT_IN_PATHWAY",
    ]


async def test_enrollments_decision_is_noted_once_and_only_of_those_who_wait_for_it(
    desk: Desk,
) -> None:
    way = await (await Way.begin(desk)).proposed(2)
    await way.approve()
    await way.admit()
    await way.open_arrival()
    arrived, waiting = way.applicants
    way.applicants = [arrived]
    await way.all(record_arrivals, RecordArrival, arrive_date=DEADLINE, now=at(DEADLINE))
    record_id = uuid4()

    async def hear(application_id: UUID, **facts: object) -> None:
        given = {"status_record_id": None, "blocking_reason": ""} | facts
        item = NoteRegistration(application_id=application_id, **given)  # type: ignore[arg-type] # as given
        await desk.hear(note_registrations, item)

    query = (
        "SELECT state, version, blocking_reason, status_record_id FROM application WHERE id = :id"
    )
    for _ in range(2):
        await hear(id_of(arrived), blocking_reason="FRONT_NOT_GRADUATED")
    (row,) = await desk.rows(query, id=id_of(arrived))
    assert (row["state"], row["version"], row["blocking_reason"]) == (
        "ARRIVED",
        9,
        "FRONT_NOT_GRADUATED",
    )
    for _ in range(2):
        await hear(id_of(arrived), status_record_id=record_id)
    await hear(id_of(arrived), blocking_reason="FRONT_NOT_GRADUATED")
    (row,) = await desk.rows(query, id=id_of(arrived))
    assert row == {
        "state": "REGISTERED",
        "version": 10,
        "blocking_reason": "",
        "status_record_id": record_id,
    }
    await hear(id_of(waiting), status_record_id=record_id)
    (row,) = await desk.rows(query, id=id_of(waiting))
    assert (row["state"], row["version"]) == ("ADMITTED", 7)
