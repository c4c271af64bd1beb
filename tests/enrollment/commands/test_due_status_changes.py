"""Approved changes take effect when their day comes, by nobody's call: once, and bounded."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.clock import Clock
from chassis.sweeping import Swept
from services.enrollment import app
from services.enrollment.commands.changing import Target
from services.enrollment.commands.conclude_status_records import (
    ConcludeStatusRecord,
    conclude_status_records,
)
from services.enrollment.commands.withdraw_status_changes import withdraw_status_changes
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.status_change import StatusChange
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.edge.due_status_changes import DueStatusChanges
from tests.enrollment import made
from tests.enrollment.commands.test_status_changes import (
    BUREAU,
    approve,
    member,
    propose,
    register,
    status_of,
)
from tests.enrollment.conftest import Desk, accepted

__all__ = ["member"]
# The change takes effect on 13 September, which begins at 16:00 of the 12th in UTC.
EVE = datetime(2021, 9, 12, 15, 59, tzinfo=UTC)
DAY = datetime(2021, 9, 12, 16, tzinfo=UTC)


@dataclass
class Hands(Clock):
    """A clock that is where it was put."""

    time: datetime

    def now(self) -> datetime:
        return self.time


def sweeping(desk: Desk, at: datetime, **facts: Any) -> DueStatusChanges:
    return DueStatusChanges(desk.database, app.ENCODERS, Hands(at), **facts)


async def approved(desk: Desk, each: CohortMember) -> StatusChange:
    record_id = await desk.front_record_id(each.id)
    await register(desk, record_id)
    return await approve(desk, accepted(await propose(desk, record_id)), made.FRONT, BUREAU)


async def test_a_change_takes_effect_on_its_day_in_china_and_not_before(
    desk: Desk, member: CohortMember
) -> None:
    change = await approved(desk, member)
    assert await sweeping(desk, EVE).sweep() == _swept(0, 0)
    assert await status_of(desk, change.status_record_id) == ("IN_SCHOOL", "STUDYING")
    assert await sweeping(desk, DAY).sweep() == _swept(1, 0)
    assert await status_of(desk, change.status_record_id) == ("AWAY", "SUSPENDED")
    (row,) = await desk.rows(
        "SELECT actor, actor_organisation, business_time FROM change"
        " WHERE event_type = 'StatusChangeEffected'"
    )
    assert row == {
        "actor": "system:enrollment",
        "actor_organisation": made.FRONT,
        "business_time": DAY,
    }
    assert await sweeping(desk, DAY).sweep() == _swept(0, 0)


async def test_what_takes_effect_late_holds_from_its_date(desk: Desk, member: CohortMember) -> None:
    await approved(desk, member)
    await sweeping(desk, datetime(2021, 10, 1, tzinfo=UTC)).sweep()
    rows = await desk.rows(
        "SELECT state, valid_from_date, valid_to_date FROM member_span ORDER BY valid_from_date"
    )
    assert rows == [
        {
            "state": "ACTIVE",
            "valid_from_date": date(2020, 9, 1),
            "valid_to_date": date(2021, 9, 12),
        },
        {"state": "SUSPENDED", "valid_from_date": date(2021, 9, 13), "valid_to_date": None},
    ]


async def test_a_refused_change_stays_and_is_tried_again_the_next_day(
    desk: Desk, member: CohortMember
) -> None:
    change = await approved(desk, member)
    (record,) = await desk.rows("SELECT version FROM status_record")
    item = ConcludeStatusRecord(
        id=change.status_record_id,
        etag=f'"{record["version"]}"',
        status=StudentStatus.ATTENDED,
        sealed_certificate_number=b"sealed",
        conclude_date=date(2021, 9, 10),
    )
    (concluded,) = await desk.run(conclude_status_records, item, party=made.FRONT, now=DAY)
    accepted(concluded)
    due = sweeping(desk, DAY)
    assert await due.sweep() == _swept(0, 1)
    # Neither tried nor logged once a round.
    assert await due.sweep() == _swept(0, 0)
    due._clock = Hands(datetime(2021, 9, 13, 16, tzinfo=UTC))
    assert await due.sweep() == _swept(0, 1)
    (row,) = await desk.rows("SELECT state FROM status_change")
    assert row["state"] == "APPROVED"
    target = Target(id=change.id, etag=f'"{change.version}"')
    (withdrawn,) = await desk.run(withdraw_status_changes, target, party=made.FRONT)
    accepted(withdrawn)


@pytest.mark.parametrize("round_max", [1, 2, 5])
async def test_a_round_is_bounded_and_says_that_there_is_more(
    desk: Desk, member: CohortMember, round_max: int
) -> None:
    members = [member, *[await desk.enroll(member.cohort_id, serial) for serial in (2, 3)]]
    for each in members:
        await approved(desk, each)
    due = sweeping(desk, DAY, round_max=round_max)
    counts = []
    while (swept := await due.sweep()).has_more:
        counts.append(swept.done)
    assert [*counts, swept.done] == [round_max] * (3 // round_max) + [3 % round_max]


async def test_of_two_sweeps_at_once_each_change_takes_effect_once(
    desk: Desk, member: CohortMember
) -> None:
    await approved(desk, member)
    swept = await asyncio.gather(sweeping(desk, DAY).sweep(), sweeping(desk, DAY).sweep())
    assert sorted(each.done for each in swept) == [0, 1]
    events = [name for name, _ in await desk.events()]
    assert events.count("StatusChangeEffected") == events.count("MemberSuspended") == 1


def _swept(done: int, refused: int) -> Swept:
    return Swept(done=done, refused=refused)
