"""Arrivals, graduations and cancellations on PostgreSQL: one effect each, whichever comes first."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from services.enrollment.commands.end_registrations import end_registrations
from services.enrollment.commands.graduate_status_records import graduate_status_records
from services.enrollment.commands.register_arrivals import register_arrivals
from services.enrollment.commands.remove_cohort_members import (
    RemoveCohortMember,
    remove_cohort_members,
)
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.refusals import (
    GraduationBeforeEntry,
    NotRecordHolder,
    StudentNotInSchool,
)
from tests.enrollment import made
from tests.enrollment.conftest import NOW, Desk, unknown


@pytest.fixture
async def member(desk: Desk) -> CohortMember:
    cohort = await desk.set_up_cohort()
    return await desk.enroll(cohort.id)


async def registration(desk: Desk) -> dict[str, Any]:
    (row,) = await desk.rows("SELECT * FROM back_stage_registration")
    return row


async def back_records(desk: Desk) -> list[dict[str, Any]]:
    return await desk.rows("SELECT * FROM status_record WHERE stage = 'BACK'")


async def test_a_graduation_takes_the_member_along(desk: Desk, member: CohortMember) -> None:
    await desk.graduate(member.id)
    (row,) = await desk.rows("SELECT state, version FROM cohort_member")
    assert row == {"state": "GRADUATED", "version": 2}
    assert (await desk.events())[-2:] == [
        ("StudentGraduated", "statusRecords"),
        ("MemberGraduated", "cohortMembers"),
    ]


async def test_an_arrival_after_the_graduation_is_registered(
    desk: Desk, member: CohortMember
) -> None:
    await desk.graduate(member.id)
    arrival = made.arrival_of(member)
    await desk.run(register_arrivals, arrival)
    row = await registration(desk)
    (record,) = await back_records(desk)
    assert (row["id"], row["state"]) == (arrival.application_id, "REGISTERED")
    assert (row["status_record_id"], row["blocking_reason"]) == (record["id"], None)
    assert (record["organisation"], record["state"]) == (made.BACK, "IN_SCHOOL")
    assert (record["valid_from_date"], record["application_id"]) == (
        date(2023, 9, 4),
        arrival.application_id,
    )
    assert (await desk.events())[-2:] == [
        ("StatusRecordOpened", "statusRecords"),
        ("BackStageRegistered", "backStageRegistrations"),
    ]


async def test_an_arrival_before_the_graduation_waits_for_it(
    desk: Desk, member: CohortMember
) -> None:
    await desk.run(register_arrivals, made.arrival_of(member))
    row = await registration(desk)
    assert (row["state"], row["blocking_reason"]) == ("REFUSED", "FRONT_STAGE_NOT_GRADUATED")
    assert await back_records(desk) == []
    await desk.graduate(member.id)
    row = await registration(desk)
    assert (row["state"], row["version"]) == ("REGISTERED", 2)
    assert len(await back_records(desk)) == 1
    assert [event for event, _ in await desk.events()][-5:] == [
        "BackStageRefused",
        "StudentGraduated",
        "MemberGraduated",
        "StatusRecordOpened",
        "BackStageRegistered",
    ]


async def test_an_arrival_that_is_heard_again_has_no_second_effect(
    desk: Desk, member: CohortMember
) -> None:
    arrival = made.arrival_of(member)
    await desk.run(register_arrivals, arrival, arrival)
    before = await desk.events()
    await desk.run(register_arrivals, arrival)
    assert await desk.events() == before
    await desk.graduate(member.id)
    await desk.run(register_arrivals, arrival)
    assert len(await back_records(desk)) == 1


async def test_callers_at_once_register_an_arrival_once(desk: Desk, member: CohortMember) -> None:
    await desk.graduate(member.id)
    arrival = made.arrival_of(member)
    await asyncio.gather(*(desk.run(register_arrivals, arrival) for _ in range(4)))
    assert (await registration(desk))["version"] == 1
    assert len(await back_records(desk)) == 1


async def test_a_graduation_and_an_arrival_at_once_never_miss_each_other(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    members = [await desk.enroll(cohort.id, serial) for serial in range(1, 13)]
    await asyncio.gather(
        *(
            work
            for member in members
            for work in (
                desk.graduate(member.id),
                desk.run(register_arrivals, made.arrival_of(member)),
            )
        )
    )
    rows = await desk.rows("SELECT state FROM back_stage_registration")
    assert [row["state"] for row in rows] == ["REGISTERED"] * len(members)


async def test_an_arrival_waits_for_a_graduation_that_is_not_committed(
    desk: Desk, member: CohortMember
) -> None:
    arriving = desk.run(register_arrivals, made.arrival_of(member))
    item = await desk.graduation(member.id)
    await desk.run_around(arriving, graduate_status_records, item, party=made.FRONT)
    assert (await registration(desk))["state"] == "REGISTERED"


async def test_a_graduation_waits_for_an_arrival_that_is_not_committed(
    desk: Desk, member: CohortMember
) -> None:
    graduating = desk.graduate(member.id)
    await desk.run_around(graduating, register_arrivals, made.arrival_of(member))
    assert (await registration(desk))["state"] == "REGISTERED"


async def test_an_arrival_waits_for_a_removal_that_is_not_committed(
    desk: Desk, member: CohortMember
) -> None:
    arriving = desk.run(register_arrivals, made.arrival_of(member))
    item = RemoveCohortMember(id=member.id, etag='"1"', sealed_left_reason=b"")
    await desk.run_around(arriving, remove_cohort_members, item, party=made.FRONT, now=NOW)
    assert (await registration(desk))["blocking_reason"] == "NOT_A_MEMBER"


@pytest.mark.parametrize("changes", [{"member_id": unknown()}, {"person_id": unknown()}])
async def test_an_arrival_of_somebody_else_is_refused(
    desk: Desk, member: CohortMember, changes: dict[str, Any]
) -> None:
    await desk.graduate(member.id)
    await desk.run(register_arrivals, made.arrival_of(member, **changes))
    row = await registration(desk)
    assert (row["state"], row["blocking_reason"]) == ("REFUSED", "NOT_A_MEMBER")


async def test_who_leaves_the_pathway_while_waiting_is_told(
    desk: Desk, member: CohortMember
) -> None:
    await desk.run(register_arrivals, made.arrival_of(member))
    removal = RemoveCohortMember(id=member.id, etag='"1"', sealed_left_reason=b"")
    await desk.run(remove_cohort_members, removal, party=made.FRONT, now=NOW)
    assert (await registration(desk))["blocking_reason"] == "NOT_A_MEMBER"
    await desk.graduate(member.id)
    row = await registration(desk)
    assert (row["state"], row["version"]) == ("REFUSED", 2)
    (left,) = await desk.rows("SELECT state FROM cohort_member")
    assert left == {"state": "LEFT"}


async def test_a_cancellation_ends_registration_and_record_once(
    desk: Desk, member: CohortMember
) -> None:
    await desk.graduate(member.id)
    arrival = made.arrival_of(member)
    await desk.run(register_arrivals, arrival)
    for _ in range(2):
        await desk.run(end_registrations, arrival.application_id, on=date(2023, 11, 20))
    row = await registration(desk)
    (record,) = await back_records(desk)
    assert (row["state"], row["version"]) == ("ENDED", 2)
    assert (record["state"], record["version"]) == ("ENDED", 2)
    assert record["valid_to_date"] == date(2023, 11, 20)
    assert (await desk.events())[-2:] == [
        ("StatusRecordEnded", "statusRecords"),
        ("BackStageEnded", "backStageRegistrations"),
    ]


async def test_a_cancellation_of_a_waiting_arrival_ends_it_for_good(
    desk: Desk, member: CohortMember
) -> None:
    arrival = made.arrival_of(member)
    await desk.run(register_arrivals, arrival)
    await desk.run(end_registrations, arrival.application_id, on=date(2023, 11, 20))
    await desk.graduate(member.id)
    assert (await registration(desk))["state"] == "ENDED"
    assert await back_records(desk) == []


async def test_a_cancellation_of_an_unknown_arrival_changes_nothing(desk: Desk) -> None:
    await desk.run(end_registrations, unknown(), on=date(2023, 11, 20))
    assert await desk.events() == []


@pytest.mark.parametrize(
    ("changes", "party", "refusal"),
    [
        ({}, made.BACK, NotRecordHolder),
        ({}, made.STRANGER, ResourceNotFound),
        ({"etag": '"2"'}, made.FRONT, EtagMismatch),
        ({"id": unknown()}, made.FRONT, ResourceNotFound),
        ({"graduate_date": date(2020, 8, 31)}, made.FRONT, GraduationBeforeEntry),
    ],
)
async def test_a_graduation_that_may_not_be_recorded_changes_nothing(
    desk: Desk,
    member: CohortMember,
    changes: dict[str, Any],
    party: str,
    refusal: type[DomainError],
) -> None:
    item = await desk.graduation(member.id)
    before = await desk.events()
    (refused,) = await desk.run(graduate_status_records, replace(item, **changes), party=party)
    assert type(refused) is refusal
    assert await desk.events() == before


async def test_nobody_graduates_twice(desk: Desk, member: CohortMember) -> None:
    await desk.graduate(member.id)
    again = replace(await desk.graduation(member.id), etag='"2"')
    (refused,) = await desk.run(graduate_status_records, again, party=made.FRONT)
    assert isinstance(refused, StudentNotInSchool)
