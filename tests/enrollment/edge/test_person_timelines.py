"""A person's timeline is what the change rows say of them, whoever asks and however it is paged."""

import base64
import importlib
import json
import random
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.person_access_pb2 import PersonAccess
from guantong.enrollment.v1.person_timeline_pb2 import PersonTimelineEntry as Entry
from guantong.enrollment.v1.person_timeline_service_pb2 import (
    ListPersonTimelineEntriesRequest as Request,
)

from chassis.clock import civil_date
from chassis.db import Statement
from chassis.permissions import Grants
from chassis.requests import decode
from tests.enrollment import made
from tests.enrollment.edge import test_learning_outcomes as outcomes
from tests.enrollment.edge.person_world import (
    DECIDER,
    GUARDIAN_NAME,
    ID_NUMBER,
    NAME,
    OTHER_NAME,
    PHONE,
    RIGHT_NAME,
    PersonWorld,
    make_person_world,
)
from tests.served import Served, details_of

Code = grpc.StatusCode
RPC = "ListPersonTimelineEntries"
OLDEST_FIRST = Request.ORDER_OLDEST_FIRST
PERSONAL = (NAME, OTHER_NAME, RIGHT_NAME, GUARDIAN_NAME, PHONE, ID_NUMBER, outcomes.NUMBER)


@pytest.fixture
async def world(fresh_enrollment: Served) -> PersonWorld:
    """Return a person of whom much is held: over weeks, and with a duplicate that was merged."""
    world = await make_person_world(fresh_enrollment)
    await outcomes.accumulate(world.world)
    _pass_days(world, 3)
    await world.call("RecordStudentNumber", **await world.valid("RecordStudentNumber"))
    _pass_days(world, 30)
    approval = await world.valid("ApprovePersonCorrection")
    await world.call("ApprovePersonCorrection", subject=DECIDER, **approval)
    await world.call("WithdrawConsent", **await world.valid("WithdrawConsent"))
    await world.call("MergePersons", **await world.valid("MergePersons"))
    _pass_days(world, 1)
    graduation = world.world.request("GraduateStatusRecord")
    await world.world.call("GraduateStatusRecord", graduation)
    return world


def _pass_days(world: PersonWorld, days: int) -> None:
    clock = world.service.clock
    clock.advance(clock.now() + timedelta(days=days))


async def read(world: PersonWorld, **call: Any) -> Any:
    fields = {"person": world.person, "reason": "毕业资格审核", **call}
    return await world.call(RPC, **fields)


async def read_all(world: PersonWorld, **call: Any) -> list[Entry]:
    """Return the entries of all pages."""
    found: list[Entry] = []
    token = ""
    while True:
        answer = await read(world, page_token=token, **call)
        found += answer.entries
        token = answer.next_page_token
        if not token:
            return found


async def changes_of(world: PersonWorld) -> list[dict[str, Any]]:
    """Return the change rows about the person and the duplicate, as a replay of all finds them."""
    found = []
    for row in sorted(await world.service.rows("change"), key=lambda each: each["id"]):
        message: Any = decode(row["message_type"], row["resource"])
        is_person = row["resource_name"].startswith("persons/")
        about = row["resource_name"] if is_person else getattr(message, "person", "")
        if about in {world.person, world.duplicate}:
            found.append({**row, "person": about})
    return found


def key(entry: Entry | dict[str, Any]) -> tuple[str, int]:
    if isinstance(entry, Entry):
        return entry.resource, entry.version
    return entry["resource_name"], entry["version"]


def day_of(entry: Entry) -> date:
    return date(entry.date.year, entry.date.month, entry.date.day)


def to_pb(day: date | None) -> Date | None:
    return None if day is None else Date(year=day.year, month=day.month, day=day.day)


async def test_a_timeline_is_the_replay_of_the_change_rows(world: PersonWorld) -> None:
    changes = await changes_of(world)
    entries = await read_all(world, order=OLDEST_FIRST, page_size=7)
    assert len(entries) == len(changes) > 20
    by_key = {key(each): each for each in changes}
    for entry in entries:
        row = by_key.pop(key(entry))
        assert entry.event_type == row["event_type"]
        assert entry.record_time.ToDatetime(tzinfo=UTC) == row["business_time"]
        assert (entry.person, entry.is_alias) == (row["person"], row["person"] == world.duplicate)
        assert entry.organisation == f"organisations/{row['actor_organisation']}"
    order = {key(each): number for number, each in enumerate(changes)}
    assert entries == sorted(entries, key=lambda each: (day_of(each), order[key(each)]))
    assert await read_all(world, page_size=1000) == entries[::-1]


async def test_what_was_recorded_before_there_were_timelines_is_there_too(
    world: PersonWorld,
) -> None:
    changes = await changes_of(world)
    migration = importlib.import_module("services.enrollment.migrations.versions.0008_timelines")
    async with world.service.base.database.connection() as connection:
        await connection.execute("DELETE FROM person_timeline")
        for statement in migration.indexing():
            await connection.execute(statement)
    entries = await read_all(world, order=OLDEST_FIRST, page_size=1000)
    assert [key(each) for each in entries] == [key(each) for each in changes]
    recorded = [civil_date(each["business_time"]) for each in changes]
    assert [day_of(each) for each in entries] == recorded


@pytest.mark.parametrize("seed", range(12))
async def test_any_filter_and_page_shows_those_of_the_whole_that_it_wants(
    world: PersonWorld, seed: int
) -> None:
    changes = {key(each): each for each in await changes_of(world)}
    whole = await read_all(world, order=OLDEST_FIRST, page_size=1000)
    chance = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(6):
        kinds = chance.sample(sorted({each.kind for each in whole}), chance.choice([0, 1, 3]))
        from_date, to_date = (chance.choice([None, *map(day_of, whole)]) for _ in range(2))
        known = [civil_date(each["business_time"]) for each in changes.values()]
        as_of_date = chance.choice([None, *known])
        newest_first = chance.choice([True, False])
        found = await read_all(
            world,
            kinds=kinds,
            from_date=to_pb(from_date),
            to_date=to_pb(to_date),
            as_of_date=to_pb(as_of_date),
            order=0 if newest_first else OLDEST_FIRST,
            page_size=chance.choice([1, 2, 5, 50]),
        )
        wanted = [
            each
            for each in whole
            if (not kinds or each.kind in kinds)
            and (from_date or date.min) <= day_of(each) <= (to_date or date.max)
            and civil_date(changes[key(each)]["business_time"]) <= (as_of_date or date.max)
        ]
        assert found == (wanted[::-1] if newest_first else wanted)


async def test_a_fact_is_at_its_own_day(world: PersonWorld) -> None:
    entries = await read_all(world)

    def day(event_type: str) -> date:
        (entry,) = [each for each in entries if each.event_type == event_type]
        return day_of(entry)

    assert day("OutcomeDeclared") == date(2022, 6, 30)
    assert day("StudentGraduated") == date(2023, 6, 30)
    assert day("ConsentGiven") == date(2023, 2, 1)
    assert day("ConsentWithdrawn") == day("CorrectionApproved") == date(2023, 4, 3)


async def test_a_line_says_what_happened_in_two_languages_and_names_nobody(
    world: PersonWorld,
) -> None:
    entries = await read_all(world)
    by_event = {each.event_type: each for each in entries}
    declared = by_event["OutcomeDeclared"]
    assert declared.summary_zh == "取得并申报学习成果《食品检验管理》（职业技能等级证书）"
    assert declared.summary_en == "食品检验管理 (certificate x) was declared"
    assert by_event["ConsentGiven"].summary_zh == "同意：参加实习"
    assert by_event["ConsentGiven"].summary_en == "Consent was given: internship"
    assert by_event["PersonsMerged"].kind == Entry.KIND_MERGE
    shown = repr([(each.summary_zh, each.summary_en) for each in entries])
    assert not [each for each in PERSONAL if each in shown]
    assert all(each.summary_zh and each.summary_en for each in entries)
    assert Entry.KIND_OTHER not in {each.kind for each in entries}


async def test_a_school_reads_what_it_was_a_party_of(world: PersonWorld) -> None:
    audience = {key(each): each["audience"] for each in await changes_of(world)}
    for party in (made.FRONT, made.BACK):
        seen = await read_all(world, party=party, role="registrar")
        assert {key(each) for each in seen} == {
            name for name, parties in audience.items() if party in parties
        }
    await world.service.base.database.execute(
        Statement("UPDATE change SET audience = '{szai}'", (), {})
    )
    assert await read_all(world) == []
    assert len(await read_all(world, party="audit", role="auditor")) == len(audience)


async def test_the_person_and_a_guardian_read_all_of_their_own_and_of_nobody_else(
    world: PersonWorld,
) -> None:
    whole = await read_all(world, party="audit", role="auditor")
    for role, subject in (("student", world.person), ("guardian", world.guardian.name)):
        assert await read_all(world, role=role, subject=subject) == whole
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await read(world, role=role, subject=subject, person=_nobody())
        assert raised.value.code() is Code.NOT_FOUND


def _nobody() -> str:
    return "persons/01890000-0000-7000-8000-000000000000"


async def test_the_name_of_a_duplicate_answers_with_the_person(world: PersonWorld) -> None:
    whole = await read_all(world)
    assert await read_all(world, person=world.duplicate) == whole
    assert {each.person for each in whole} == {world.person, world.duplicate}


async def test_each_page_is_an_access_that_is_logged_before_it_is_answered(
    world: PersonWorld,
) -> None:
    first = await read(world, page_size=10, subject="teacher-wang")
    await read(world, page_size=10, page_token=first.next_page_token)
    accesses = (await world.call("ListPersonAccesses", person=world.person)).person_accesses
    assert [each.action for each in accesses] == [PersonAccess.ACTION_READ_TIMELINE] * 2
    assert (accesses[0].actor, accesses[0].reason) == ("teacher-wang", "毕业资格审核")
    async with world.service.base.database.connection() as connection:
        await connection.execute(
            "ALTER TABLE access_log ADD CONSTRAINT full_disk CHECK (reason = '') NOT VALID"
        )
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await read(world)
    assert raised.value.code() is Code.INTERNAL


async def test_an_erased_person_has_no_timeline(world: PersonWorld) -> None:
    fields = await world.valid("ErasePerson")
    await world.call("ErasePerson", subject=DECIDER, **fields)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await read(world)
    assert raised.value.code() is Code.FAILED_PRECONDITION
    assert details_of(raised.value)["reason"] == "PERSON_ERASED"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person": "persons/1"}, "person"),
        ({"reason": " "}, "reason"),
        ({"page_size": -1}, "page_size"),
        ({"order": 9}, "order"),
        ({"kinds": [0]}, "kinds[0]"),
        ({"kinds": [77]}, "kinds[0]"),
        ({"kinds": [1, 1]}, "kinds"),
        ({"from_date": Date(year=2023, month=2, day=30)}, "from_date"),
        ({"to_date": Date(year=2023)}, "to_date"),
        ({"as_of_date": Date(year=9999, month=1, day=1)}, "as_of_date"),
    ],
)
async def test_a_malformed_request_names_the_field(
    world: PersonWorld, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await read(world, **changes)
    assert raised.value.code() is Code.INVALID_ARGUMENT
    assert list(details_of(raised.value)["fields"]) == [field]


async def test_a_token_is_of_one_listing_and_cannot_be_made_up(world: PersonWorld) -> None:
    token = (await read(world, page_size=1)).next_page_token
    for call in (
        {"page_token": token, "order": OLDEST_FIRST},
        {"page_token": token, "person": world.duplicate},
        {"page_token": token[:-4]},
        {"page_token": _forged(token, "2023-02-30 5")},
        {"page_token": _forged(token, "2023-02-03 99999999999999999999")},
        {"page_token": _forged(token, "nonsense")},
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await read(world, page_size=1, **call)
        assert raised.value.code() is Code.INVALID_ARGUMENT
    await read(world, page_size=2, page_token=token, reason="另一事由")


def _forged(token: str, after: str) -> str:
    """Return a token of the same listing that goes on after another key."""
    _, listing = json.loads(base64.urlsafe_b64decode(token))
    return base64.urlsafe_b64encode(json.dumps([after, listing]).encode()).decode()


def test_who_reads_timelines_may_read_all_that_is_in_them() -> None:
    grants = Grants.load(Path("deploy/policy/grants.csv"))
    roles = ("administrator", "agent", "approver", "auditor", "bureau_officer", "registrar")
    parts: Sequence[str] = (
        "persons",
        "cohort_members",
        "status_records",
        "status_changes",
        "electronic_registrations",
        "back_stage_registrations",
        "person_corrections",
        "person_erasures",
        "guardians",
        "consents",
        "learning_outcomes",
    )
    for role in roles:
        assert grants.allows(frozenset({role}), "enrollment.person_timelines.read")
        for part in parts:
            assert grants.allows(frozenset({role}), f"enrollment.{part}.read"), (role, part)
