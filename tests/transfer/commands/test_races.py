"""The same thing at the same time: one wins, the others are told, and a repeat is no second one.

Every race is held at a lock until all have arrived there.
"""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

from chassis.errors import EtagMismatch, RequestIdReused
from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.confirm_applications import ConfirmApplication, confirm_applications
from services.transfer.commands.draft_applications import DraftApplication, draft_applications
from services.transfer.commands.draft_transfer_batches import (
    DraftTransferBatch,
    draft_transfer_batches,
)
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from tests.transfer.aggregates import BACK, COLLEAGUE, FRONT, SCHEME
from tests.transfer.desk import Answer, Desk, counted, reasons, target
from tests.transfer.way import Way

RACERS = 20
APPLICATIONS = "SELECT 1 FROM application FOR UPDATE"
BATCHES = "SELECT 1 FROM transfer_batch FOR UPDATE"
SUBMITTED = "SELECT 1 FROM change WHERE event_type = 'ApplicationSubmitted'"


async def test_of_racing_confirmations_of_one_version_one_wins(desk: Desk) -> None:
    way = await Way.begin(desk)
    await way.draft(1)
    await way.all(submit_applications, SubmitApplication, party=FRONT)
    item = ConfirmApplication(**target(way.applicants[0]))
    answers = await desk.race(
        *(
            desk.many(confirm_applications, item, party=FRONT, subject=COLLEAGUE)
            for _ in range(RACERS)
        ),
        held=APPLICATIONS,
    )
    assert counted(answers) == {"FRONT_CONFIRMED": 1, EtagMismatch.reason: RACERS - 1}
    (row,) = await desk.rows("SELECT version FROM application")
    assert row["version"] == 3


async def test_a_call_repeated_while_it_runs_has_one_effect_and_one_answer(desk: Desk) -> None:
    way = await Way.begin(desk)
    (drafted,) = await way.draft(1)
    item = SubmitApplication(**target(drafted))
    request_id = str(uuid4())
    answers = await desk.race(
        *(
            desk.many(submit_applications, item, party=FRONT, request_id=request_id)
            for _ in range(RACERS)
        ),
        held=APPLICATIONS,
    )
    assert counted(answers) == {"SUBMITTED": RACERS}
    assert all(each == answers[0] for each in answers)
    assert len(await desk.rows(SUBMITTED)) == 1


async def test_a_bulk_repeated_while_it_runs_has_one_effect_an_item(desk: Desk) -> None:
    way = await Way.begin(desk)
    items = [SubmitApplication(**target(each)) for each in await way.draft(30)]
    items[7] = replace(items[7], etag='"9"')
    request_id = str(uuid4())
    answers = await desk.race(
        *(
            desk.many(submit_applications, *items, party=FRONT, request_id=request_id)
            for _ in range(8)
        ),
        held=APPLICATIONS,
    )
    assert counted(answers) == {"SUBMITTED": 8 * 29, "ETAG_MISMATCH": 8}
    assert len(await desk.rows(SUBMITTED)) == 29


async def test_a_bulk_that_can_be_completed_is_completed_once(desk: Desk) -> None:
    way = await Way.begin(desk)
    first, second = [SubmitApplication(**target(each)) for each in await way.draft(2)]
    second = replace(second, etag='"2"')
    request_id = str(uuid4())

    async def submit() -> list[Answer]:
        return await desk.many(
            submit_applications, first, second, party=FRONT, request_id=request_id
        )

    assert reasons(await submit()) == ["SUBMITTED", "ETAG_MISMATCH"]
    await desk.rows("UPDATE application SET version = 2 WHERE id = :id RETURNING id", id=second.id)
    answers = await desk.race(
        *(submit() for _ in range(8)), held="SELECT 1 FROM request FOR UPDATE"
    )
    assert counted(answers) == {"SUBMITTED": 16}
    assert len(await desk.rows(SUBMITTED)) == 2


async def test_two_bodies_under_one_request_id_at_once_are_told_apart(desk: Desk) -> None:
    way = await Way.begin(desk)
    drafted = await way.draft(2)
    request_id = str(uuid4())
    answers = await desk.race(
        *(
            desk.many(
                submit_applications,
                SubmitApplication(**target(drafted[number % 2])),
                party=FRONT,
                request_id=request_id,
            )
            for number in range(RACERS)
        ),
        held=APPLICATIONS,
    )
    refused = [each for each in answers if isinstance(each, RequestIdReused)]
    answered = [each for each in answers if not isinstance(each, BaseException)]
    assert (len(refused), len(answered)) == (RACERS // 2, RACERS // 2)
    assert counted(answered) == {"SUBMITTED": RACERS // 2}
    assert len(await desk.rows(SUBMITTED)) == 1


async def test_a_member_is_drafted_once(desk: Desk) -> None:
    way = await Way.begin(desk)
    (member,) = await desk.know_members(UUID(way.batch.pathway_project.partition("/")[2]), 1)
    item = DraftApplication(batch_id=way.id, member_id=member)
    answers = await desk.race(
        *(desk.many(draft_applications, item, party=FRONT) for _ in range(RACERS)),
        held="LOCK TABLE application IN SHARE MODE",
    )
    assert counted(answers) == {"DRAFT": 1, "APPLICATION_ALREADY_EXISTS": RACERS - 1}


async def test_a_project_has_one_batch(desk: Desk) -> None:
    item = DraftTransferBatch(project_id=await desk.know_project(), quota=1, scheme=SCHEME)
    answers = await desk.race(
        *(desk.many(draft_transfer_batches, item, party=BACK) for _ in range(RACERS)),
        held="LOCK TABLE transfer_batch IN SHARE MODE",
    )
    assert counted(answers) == {"DRAFT": 1, "TRANSFER_BATCH_ALREADY_DRAFTED": RACERS - 1}


async def admissible(desk: Desk, persons: list[UUID]) -> Way:
    """Return an approved batch in which all these persons are proposed."""
    way = await Way.begin(desk)
    for person_id in persons:
        await way.draft(1, person_id=person_id)
    await way.qualify()
    await way.assess()
    await way.propose()
    await way.approve()
    return way


async def test_a_person_who_is_admitted_in_two_batches_at_once_is_admitted_in_one(
    desk: Desk,
) -> None:
    persons = [uuid4() for _ in range(8)]
    one, other = await admissible(desk, persons), await admissible(desk, persons)
    answers = await desk.race(
        *(
            desk.many(admit_applications, AdmitApplication(**target(each)), party=BACK)
            for pair in zip(one.applicants, other.applicants, strict=True)
            for each in pair
        ),
        held=BATCHES,
    )
    assert counted(answers) == {"ADMITTED": 8, "LIVE_ADMISSION_EXISTS": 8}
    live = await desk.rows(
        "SELECT person_id, count(*) AS n FROM application WHERE state = 'ADMITTED' GROUP BY 1"
    )
    assert {row["person_id"]: row["n"] for row in live} == dict.fromkeys(persons, 1)
    places = await desk.places()
    assert [sum(column) for column in zip(*places, strict=True)] == [60, 8, 8, 0]


async def test_bulk_admissions_of_the_same_persons_in_opposite_order_both_end(desk: Desk) -> None:
    persons = [uuid4() for _ in range(12)]
    one, other = await admissible(desk, persons), await admissible(desk, persons[::-1])
    answers = await asyncio.gather(one.admit(), other.admit())
    for mine, theirs in zip(answers[0], answers[1][::-1], strict=True):
        assert {mine, theirs} == {"ADMITTED", "LIVE_ADMISSION_EXISTS"}
    await desk.places()
