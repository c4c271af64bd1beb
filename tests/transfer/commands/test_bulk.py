"""A thousand at once: one transaction, a result for each, and a refused item sinks no other."""

import time
from dataclasses import replace
from uuid import uuid4

import pytest

from chassis.errors import RequestIdReused
from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.draft_applications import DraftApplication, draft_applications
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from tests.transfer.aggregates import BACK, FRONT, STRANGER
from tests.transfer.desk import Desk, id_of, reasons, target
from tests.transfer.way import Way

MANY = 1_000


def to_submit(*applications: object) -> list[SubmitApplication]:
    return [SubmitApplication(**target(each)) for each in applications]


async def test_a_thousand_go_the_whole_way_in_bulk(desk: Desk) -> None:
    started = time.perf_counter()
    way = await Way.begin(desk, quota=700)
    await way.proposed(MANY)
    assert await desk.places() == [(700, 700, 0, 0)]
    await way.approve()
    answers = await way.admit()
    assert answers == ["ADMITTED"] * 700 + ["APPLICATION_NOT_PROPOSED"] * 300
    assert await desk.places() == [(700, 0, 700, 0)]
    (counted,) = await desk.rows(
        "SELECT count(*) AS changes, count(DISTINCT (resource_name, version)) AS versions"
        " FROM change WHERE resource_name LIKE 'applications/%'"
    )
    # Draft, submit, confirm, qualify, assess, propose or not, admit.
    assert counted == {"changes": 6 * MANY + 700, "versions": 6 * MANY + 700}
    # Set-based: about seven statements a call, whatever their number; a loop would take minutes.
    assert time.perf_counter() - started < 60


async def test_refused_items_sink_no_other(desk: Desk) -> None:
    way = await Way.begin(desk)
    drafted = await way.draft(6)
    items = to_submit(*drafted)
    items[1] = replace(items[1], etag='"9"')
    items[3] = replace(items[3], id=uuid4())
    await desk.one(submit_applications, items[4], party=FRONT)
    answers = await desk.many(submit_applications, *items, items[0], party=FRONT)
    assert reasons(answers) == [
        "SUBMITTED",
        "ETAG_MISMATCH",
        "SUBMITTED",
        "RESOURCE_NOT_FOUND",
        "ETAG_MISMATCH",
        "SUBMITTED",
        # The same application again: the first of the two has changed it.
        "ETAG_MISMATCH",
    ]
    states = await desk.rows("SELECT state, version FROM application ORDER BY id")
    assert [each["state"] for each in states].count("SUBMITTED") == 4
    assert {each["version"] for each in states if each["state"] == "SUBMITTED"} == {2}


async def test_when_everything_is_refused_nothing_is_written(desk: Desk) -> None:
    way = await Way.begin(desk)
    items = to_submit(*await way.draft(3))
    before = await desk.rows("SELECT * FROM change ORDER BY id")
    request_id = str(uuid4())
    for party, reason in ((BACK, "NOT_FRONT_SCHOOL"), (STRANGER, "RESOURCE_NOT_FOUND")):
        answers = await desk.many(submit_applications, *items, party=party, request_id=request_id)
        assert reasons(answers) == [reason] * 3
    assert await desk.rows("SELECT * FROM change ORDER BY id") == before
    assert not await desk.rows(
        "SELECT 1 FROM request WHERE request_id = CAST(:id AS uuid)", id=request_id
    )


async def test_one_member_drafted_twice_in_one_call_has_one_application(desk: Desk) -> None:
    way = await Way.begin(desk)
    (first,) = await way.draft(1)
    row = await desk.application(id_of(first))
    (other,) = await desk.know_members(row["project_id"], 1)
    items = [
        DraftApplication(batch_id=way.id, member_id=member)
        for member in (row["member_id"], other, other)
    ]
    answers = await desk.many(draft_applications, *items, party=FRONT)
    assert reasons(answers) == ["APPLICATION_ALREADY_EXISTS", "DRAFT", "APPLICATION_ALREADY_EXISTS"]


async def test_a_person_twice_in_one_bulk_is_admitted_once(desk: Desk) -> None:
    person_id = uuid4()
    ways = [await Way.begin(desk) for _ in range(2)]
    for way in ways:
        await way.draft(1, person_id=person_id)
        await way.qualify()
        await way.assess()
        await way.propose()
        await way.approve()
    items = [AdmitApplication(**target(way.applicants[0])) for way in ways]
    answers = await desk.many(admit_applications, *items, party=BACK)
    assert reasons(answers) == ["ADMITTED", "LIVE_ADMISSION_EXISTS"]
    assert await desk.places() == [(30, 0, 1, 0), (30, 1, 0, 0)]


async def test_a_repeated_bulk_is_answered_as_then_and_tries_the_refused_again(desk: Desk) -> None:
    way = await Way.begin(desk)
    (refused,) = await way.draft(1)
    drafted = await way.draft(2)
    (submitted,) = await desk.many(submit_applications, *to_submit(refused), party=FRONT)
    # Etag 3 will be right only later.
    items = [replace(to_submit(refused)[0], etag='"3"'), *to_submit(*drafted)]
    request_id = str(uuid4())
    first = await desk.many(submit_applications, *items, party=FRONT, request_id=request_id)
    assert reasons(first) == ["ETAG_MISMATCH", "SUBMITTED", "SUBMITTED"]
    # Meanwhile the others went on; the repeat does not see it.
    way.applicants = [each for each in first if not isinstance(each, Exception)]  # type: ignore[misc] # applications
    await way.qualify()
    count = await desk.rows("SELECT count(*) AS n FROM change")
    again = await desk.many(submit_applications, *items, party=FRONT, request_id=request_id)
    assert again[1:] == first[1:]
    assert reasons(again) == reasons(first)
    assert await desk.rows("SELECT count(*) AS n FROM change") == count
    # The refused one becomes possible: the same call completes itself, and only that is new.
    await desk.rows(
        "UPDATE application SET state = 'DRAFT', version = 3 WHERE id = CAST(:id AS uuid)"
        " RETURNING id",
        id=str(id_of(submitted)),
    )
    for _ in range(2):
        completed = await desk.many(submit_applications, *items, party=FRONT, request_id=request_id)
        assert reasons(completed) == ["SUBMITTED"] * 3
        assert completed[1:] == first[1:]
    after = await desk.rows("SELECT count(*) AS n FROM change")
    assert after[0]["n"] == count[0]["n"] + 1


@pytest.mark.parametrize("change", ["etag", "order", "count"])
async def test_a_request_id_is_used_for_one_body(desk: Desk, change: str) -> None:
    way = await Way.begin(desk)
    items = to_submit(*await way.draft(2))
    request_id = str(uuid4())
    await desk.many(submit_applications, *items, party=FRONT, request_id=request_id)
    other = {
        "etag": [items[0], replace(items[1], etag='"2"')],
        "order": items[::-1],
        "count": items[:1],
    }[change]
    before = await desk.rows("SELECT * FROM change ORDER BY id")
    with pytest.raises(RequestIdReused):
        await desk.many(submit_applications, *other, party=FRONT, request_id=request_id)
    assert await desk.rows("SELECT * FROM change ORDER BY id") == before


async def test_a_request_id_belongs_to_an_organisation_and_a_method(desk: Desk) -> None:
    way = await Way.begin(desk)
    (drafted,) = await way.draft(1)
    request_id = str(uuid4())
    item = to_submit(drafted)[0]
    # The back college's refused call under the same id is another intent.
    (refused,) = await desk.many(submit_applications, item, party=BACK, request_id=request_id)
    assert reasons([refused]) == ["NOT_FRONT_SCHOOL"]
    answer = await desk.one(submit_applications, item, party=FRONT, request_id=request_id)
    assert reasons([answer]) == ["SUBMITTED"]
