"""Rosters of any day on PostgreSQL: spans, counts and lists are those of the change rows."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.cohort_pb2 import CohortMember as Message

from chassis.db import Transaction
from chassis.errors import DomainError, EtagMismatch
from chassis.paging import read_page
from services.enrollment.commands.assign_classes import AssignClass, assign_classes
from services.enrollment.commands.conclude_status_records import (
    ConcludeStatusRecord,
    conclude_status_records,
)
from services.enrollment.commands.freeze_cohorts import FreezeCohort, freeze_cohorts
from services.enrollment.commands.graduate_status_records import (
    GraduateStatusRecord,
    graduate_status_records,
)
from services.enrollment.commands.open_cohorts import OpenCohort, open_cohorts
from services.enrollment.commands.remove_cohort_members import (
    RemoveCohortMember,
    remove_cohort_members,
)
from services.enrollment.commands.rename_classes import RenameClass, rename_classes
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import WHY_IN_CLASS, WHY_LEFT, CohortMember, Why
from services.enrollment.domain.roster_refusals import ClassNameTaken
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.queries.cohort_counts import count_members
from services.enrollment.queries.cohort_members import list_cohort_members
from services.enrollment.store import cohort_members
from tests.enrollment import made
from tests.enrollment.conftest import Desk, accepted

INTAKE = date(2020, 9, 1)
OTHER_CLASS = made.CLASSES[1]


def noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 4, tzinfo=UTC)


async def version_of(desk: Desk, table: str, row_id: UUID) -> str:
    (row,) = await desk.rows(f"SELECT version FROM {table} WHERE id = :id", id=row_id)  # noqa: S608
    return f'"{row["version"]}"'


async def move(tx: Transaction, _items: Any, *, member_id: UUID, on: date) -> list[Any]:
    """Suspend who is active and resume who is not, as a status change would."""
    (member,) = (await cohort_members.get_many(tx, [member_id])).values()
    if member.state == "ACTIVE":
        member.suspend(on=on)
    else:
        member.resume(on=on)
    await cohort_members.save_many(tx, [member])
    return [member]


class Walk:
    """Random changes of members, by the commands."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.pick = random.Random(seed)  # noqa: S311 - the same walk each time

    async def step(self, member_id: UUID, on: date) -> None:
        steps: list[Callable[[UUID, date], Awaitable[Any]]] = [
            *[self._move] * 4,
            *[self._assign] * 3,
            self._remove,
            self._graduate,
            self._conclude,
        ]
        await self.pick.choice(steps)(member_id, on)

    async def _move(self, member_id: UUID, on: date) -> None:
        rows = await self.desk.rows("SELECT state FROM cohort_member WHERE id = :id", id=member_id)
        if rows[0]["state"] in {"ACTIVE", "SUSPENDED"}:
            await self.desk.run(move, member_id=member_id, on=on)

    async def _assign(self, member_id: UUID, on: date) -> None:
        item = AssignClass(
            id=member_id,
            etag=await version_of(self.desk, "cohort_member", member_id),
            class_name=self.pick.choice(made.CLASSES),
            why=self.pick.choice(WHY_IN_CLASS),
        )
        await self.desk.run(assign_classes, item, party=made.FRONT, now=noon(on))

    async def _remove(self, member_id: UUID, on: date) -> None:
        item = RemoveCohortMember(
            id=member_id,
            etag=await version_of(self.desk, "cohort_member", member_id),
            sealed_left_reason=b"",
            why=self.pick.choice(WHY_LEFT),
        )
        await self.desk.run(remove_cohort_members, item, party=made.FRONT, now=noon(on))

    async def _graduate(self, member_id: UUID, on: date) -> None:
        record_id = await self.desk.front_record_id(member_id)
        item = GraduateStatusRecord(
            id=record_id,
            etag=await version_of(self.desk, "status_record", record_id),
            sealed_diploma_number=b"sealed",
            graduate_date=on,
        )
        await self.desk.run(graduate_status_records, item, party=made.FRONT)

    async def _conclude(self, member_id: UUID, on: date) -> None:
        record_id = await self.desk.front_record_id(member_id)
        item = ConcludeStatusRecord(
            id=record_id,
            etag=await version_of(self.desk, "status_record", record_id),
            status=StudentStatus.ATTENDED,
            sealed_certificate_number=b"sealed",
            conclude_date=on,
        )
        await self.desk.run(conclude_status_records, item, party=made.FRONT, now=noon(on))


async def recount(desk: Desk) -> Callable[[date], dict[str, tuple[str, str, str]]]:
    """Return who was in which state, class and for what reason on a day, by the change rows.

    A version holds from its date on, over whatever earlier versions said of those days.
    """
    rows = await desk.rows(
        "SELECT resource FROM change WHERE resource_name LIKE 'cohortMembers/%' ORDER BY id"
    )
    versions = [Message.FromString(row["resource"]) for row in rows]

    def on_day(on: date) -> dict[str, tuple[str, str, str]]:
        held: dict[str, tuple[str, str, str]] = {}
        for each in versions:
            if _date(each.state_from_date) <= on:
                state = Message.State.Name(each.state).removeprefix("STATE_")
                why = Message.Why.Name(each.why).removeprefix("WHY_")
                held[each.name] = (state, each.class_name, why)
        return held

    return on_day


def _date(message: Date) -> date:
    return date(message.year, message.month, message.day)


@pytest.mark.parametrize("seed", range(4))
async def test_counts_and_rosters_of_every_day_are_those_of_a_naive_recount(
    desk: Desk, seed: int
) -> None:
    cohort = await desk.set_up_cohort()
    ids = [(await desk.enroll(cohort.id, serial)).id for serial in range(1, 7)]
    walk = Walk(desk, seed)
    days = sorted(INTAKE + timedelta(days=walk.pick.randrange(500)) for _ in range(30))
    for on in days:
        await walk.step(walk.pick.choice(ids), on)
    on_day = await recount(desk)
    turns = {on + timedelta(days=shift) for on in days for shift in (-1, 0, 1)}
    for on in sorted({INTAKE - timedelta(days=1), INTAKE, *turns}):
        held = on_day(on)
        for whose, identity in (
            ("cohort", cohort.id),
            ("project", cohort.project_id),
            ("school", made.BACK),
        ):
            rows = await count_members(desk.database, whose, identity, on=on, scope=None)
            counts = {(row["state"], row["why"]): row["count"] for row in rows}
            assert counts == dict(Counter((state, why) for state, _, why in held.values())), on
        listed, _ = await list_cohort_members(
            desk.database, read_page(100, "", {}), scope=made.FRONT, at_date=on
        )
        assert {
            f"cohortMembers/{row['id']}": (row["state"], row["class_name"], row["why"])
            for row in listed
        } == held


async def test_spans_follow_each_other_without_gap_or_overlap(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    member_id = (await desk.enroll(cohort.id)).id
    walk = Walk(desk, 11)
    for day in range(0, 200, 5):
        # Several changes of one day leave one span: the last one's.
        await walk._move(member_id, INTAKE + timedelta(days=day))
        await walk._assign(member_id, INTAKE + timedelta(days=day))
    rows = await desk.rows("SELECT * FROM member_span ORDER BY valid_from_date")
    assert rows[0]["valid_from_date"] == INTAKE
    assert rows[-1]["valid_to_date"] is None
    for one, following in pairwise(rows):
        assert one["valid_to_date"] + timedelta(days=1) == following["valid_from_date"]
    assert len(rows) <= 40


async def test_what_a_correction_or_an_erasure_writes_begins_no_span(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    member_id = (await desk.enroll(cohort.id)).id
    before = await desk.rows("SELECT * FROM member_span")

    async def correct(tx: Transaction, _items: Any) -> list[CohortMember]:
        (member,) = (await cohort_members.get_many(tx, [member_id])).values()
        member.erase()
        await cohort_members.save_many(tx, [member])
        return [member]

    await desk.run(correct)
    assert await desk.rows("SELECT * FROM member_span") == before


async def test_a_class_that_is_renamed_meanwhile_is_waited_for(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    member = await desk.enroll(cohort.id)
    rename = RenameClass(
        id=cohort.id, etag='"1"', class_name=OTHER_CLASS, new_class_name="食品2009"
    )
    assign = AssignClass(id=member.id, etag='"1"', class_name=OTHER_CLASS, why=Why.CLASSES_BALANCED)
    results: list[Any] = []

    async def meanwhile() -> None:
        results.extend(await desk.run(assign_classes, assign, party=made.FRONT))

    # The renaming holds the lock of the cohort while the assignment comes to it.
    await desk.run_around(meanwhile(), rename_classes, rename, party=made.FRONT, now=noon(INTAKE))
    assert [each.reason for each in results] == ["CLASS_UNKNOWN"]
    (row,) = await desk.rows("SELECT class_name FROM cohort_member")
    assert row["class_name"] == made.CLASSES[0]


async def test_of_two_assignments_at_once_one_is_told_of_the_other(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    member = await desk.enroll(cohort.id)
    item = AssignClass(id=member.id, etag='"1"', class_name=OTHER_CLASS, why=Why.CLASS_WISH)

    async def assign() -> Any:
        (result,) = await desk.run(assign_classes, item, party=made.FRONT)
        return result

    results = await asyncio.gather(assign(), assign())
    assert [type(each) for each in results if isinstance(each, DomainError)] == [EtagMismatch]


async def test_of_two_cohorts_that_open_a_class_at_once_one_has_it(desk: Desk) -> None:
    first = await desk.set_up_project()
    second = await desk.set_up_project(front_major_code="690102")
    items = [
        OpenCohort(project_id=each.id, intake_date=INTAKE, class_names=["食品2001"])
        for each in (first, second)
    ]

    async def open_one(item: OpenCohort) -> Any:
        (result,) = await desk.run(open_cohorts, item, party=made.FRONT)
        return result

    results = await asyncio.gather(*(open_one(item) for item in items))
    assert [type(each) for each in results if isinstance(each, DomainError)] == [ClassNameTaken]
    rows = await desk.rows("SELECT class_name FROM cohort_class")
    assert rows == [{"class_name": "食品2001"}]


async def test_a_name_that_a_class_gave_up_is_free_for_another_cohort(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    second = await desk.set_up_project(front_major_code="690102")
    rename = RenameClass(
        id=cohort.id, etag='"1"', class_name=OTHER_CLASS, new_class_name="食品2009"
    )
    accepted((await desk.run(rename_classes, rename, party=made.FRONT))[0])
    item = OpenCohort(project_id=second.id, intake_date=INTAKE, class_names=[OTHER_CLASS])
    accepted((await desk.run(open_cohorts, item, party=made.FRONT))[0])


async def test_who_left_or_graduated_keeps_the_name_that_the_class_had(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    members = [await desk.enroll(cohort.id, serial) for serial in (1, 2, 3)]
    await desk.graduate(members[0].id)
    walk = Walk(desk, 1)
    await walk._remove(members[1].id, date(2021, 1, 1))
    (frozen,) = await desk.run(
        freeze_cohorts, FreezeCohort(id=cohort.id, etag='"1"'), party=made.FRONT
    )
    assert isinstance(frozen, Cohort)
    rename = RenameClass(
        id=cohort.id, etag='"2"', class_name=made.CLASSES[0], new_class_name="食品2009"
    )
    accepted((await desk.run(rename_classes, rename, party=made.FRONT))[0])
    rows = await desk.rows("SELECT id, class_name FROM cohort_member")
    names = {row["id"]: row["class_name"] for row in rows}
    assert [names[each.id] for each in members] == [made.CLASSES[0], made.CLASSES[0], "食品2009"]
