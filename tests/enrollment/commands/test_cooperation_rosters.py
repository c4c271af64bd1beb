"""Rosters of cooperations on PostgreSQL: the last place, two places at once, consents, any day."""

from datetime import date, timedelta
from typing import Any

from services.enrollment.commands.add_cooperation_pupils import (
    AddCooperationPupil,
    add_cooperation_pupils,
)
from services.enrollment.commands.changing import Target
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.erase_persons import forget
from services.enrollment.commands.remove_cooperation_pupils import (
    RemoveCooperationPupil,
    remove_cooperation_pupils,
)
from services.enrollment.commands.withdraw_consents import withdraw_consents
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.cooperation_parts import Entrant, Kind, Role
from services.enrollment.domain.cooperation_refusals import (
    ApprenticePapersMissing,
    CooperationFull,
    PupilPlacesOverlap,
)
from services.enrollment.queries import cooperation_pupils as pupil_queries
from services.enrollment.queries.cooperation_counts import count_cooperations
from tests.enrollment import made
from tests.enrollment.commands.test_merge_persons import graduates, merge
from tests.enrollment.conftest import POLICIES, Desk, accepted
from tests.enrollment.cooperating import (
    ALL,
    FIRM,
    NOW,
    RIVAL,
    TODAY,
    add,
    consent,
    draft_of,
    firms,
    in_force,
    place,
    run,
    set_up,
    target,
)


async def test_the_last_place_of_a_class_is_given_once(desk: Desk) -> None:
    """The first call holds the lock of the class; the second waits, and counts anew."""
    first = await set_up(desk)
    second = await desk.enroll(first.cohort_id, 2)
    found = await in_force(desk, draft_of(Kind.NAMED_CLASS))
    outcome: list[Any] = []
    item = await place(desk, found, second)

    async def late() -> None:
        outcome.append(await add(desk, item))

    facts = {"party": made.FRONT, "keys": desk.keys, "now": NOW, "policies": POLICIES}
    await desk.run_around(late(), add_cooperation_pupils, await place(desk, found, first), **facts)
    assert isinstance(outcome[0], CooperationFull)
    (row,) = await desk.rows("SELECT count(*) AS count FROM cooperation_pupil")
    assert row["count"] == 1


async def test_nobody_becomes_an_apprentice_of_two_at_once(desk: Desk) -> None:
    """Both calls lock another cooperation, and the same person."""
    member = await set_up(desk)
    await consent(desk, member, Purpose.INTERNSHIP)
    rival = draft_of(
        entrants=(
            Entrant(organisation=made.FRONT, role=Role.SCHOOL),
            Entrant(organisation=RIVAL, role=Role.ENTERPRISE),
        )
    )
    found, other = await in_force(desk), await in_force(desk, rival)
    outcome: list[Any] = []
    item = await place(desk, other, member)

    async def late() -> None:
        outcome.append(await add(desk, item))

    facts = {"party": made.FRONT, "keys": desk.keys, "now": NOW, "policies": POLICIES}
    await desk.run_around(late(), add_cooperation_pupils, await place(desk, found, member), **facts)
    assert isinstance(outcome[0], PupilPlacesOverlap)


async def test_two_items_of_one_call_see_each_other(desk: Desk) -> None:
    member = await set_up(desk)
    found = await in_force(desk, draft_of(Kind.ORDER_CLASS, student_count=5))
    item = await place(desk, found, member)
    facts = {"party": made.FRONT, "keys": desk.keys}
    first, second = await run(desk, add_cooperation_pupils, item, item, **facts)
    assert accepted(first).enterprise == FIRM
    assert isinstance(second, PupilPlacesOverlap)


async def test_a_minor_works_only_with_a_guardians_consent(desk: Desk) -> None:
    member = await set_up(desk)
    found = await in_force(desk)
    item = await place(desk, found, member)
    refused = await add(desk, item)
    assert isinstance(refused, ApprenticePapersMissing)
    assert refused.metadata == {"problem": "guardian's consent"}
    given = await consent(desk, member, Purpose.INTERNSHIP)
    assert accepted(await add(desk, item)).consent_id == given.id


async def test_an_enterprise_sees_a_pupil_as_long_as_the_pupil_consents(desk: Desk) -> None:
    member = await set_up(desk)
    found = await in_force(desk, draft_of(Kind.NAMED_CLASS))
    accepted(await add(desk, await place(desk, found, member)))

    async def seen(scope: str | None) -> int:
        rows, _ = await pupil_queries.list_cooperation_pupils(desk.database, ALL, scope=scope)
        return len(rows)

    assert [await seen(each) for each in (made.FRONT, None, FIRM, made.STRANGER)] == [1, 1, 0, 0]
    given = await consent(desk, member, Purpose.ENTERPRISE)
    assert [await seen(each) for each in (FIRM, RIVAL)] == [1, 0]
    item = Target(id=given.id, etag='"1"')
    accepted((await desk.run(withdraw_consents, item, party=made.FRONT, today=TODAY))[0])
    assert await seen(FIRM) == 0


async def test_a_roster_is_counted_on_any_day(desk: Desk) -> None:
    member = await set_up(desk)
    found = await in_force(desk, draft_of(Kind.NAMED_CLASS))
    pupil = accepted(await add(desk, await place(desk, found, member)))
    later = NOW + timedelta(days=30)
    item = RemoveCooperationPupil(
        **target(pupil), leave_date=date(2022, 10, 1), leave_reason="退出冠名班"
    )
    facts = {"party": made.FRONT, "now": later, "keys": desk.keys}
    accepted((await run(desk, remove_cooperation_pupils, item, **facts))[0])
    assert "退出冠名班" not in str(await desk.rows("SELECT * FROM cooperation_pupil, change"))
    counts = []
    for on in (date(2022, 9, 9), TODAY, date(2022, 9, 30), date(2022, 10, 1)):
        rows = await count_cooperations(desk.database, on=on, scope=None)
        counts.append([(row["cooperations_count"], row["pupils_count"]) for row in rows])
    assert counts == [[], [(1, 1)], [(1, 1)], [(1, 0)]]
    # The place that is free again may be filled: an agreed number is no closed roster.
    again = AddCooperationPupil(
        cooperation_id=found.id,
        status_record_id=await desk.front_record_id(member.id),
        join_date=date(2022, 10, 1),
    )
    (joined,) = await run(desk, add_cooperation_pupils, again, **facts)
    accepted(joined)


async def test_the_place_of_a_duplicate_is_the_persons(desk: Desk) -> None:
    """After a merge nobody has two places on a roster, and the person is found with the one."""
    graduate, student = await graduates(desk)
    await desk.run(create_organisations, *firms(FIRM, RIVAL))
    found = await in_force(desk, draft_of(Kind.NAMED_CLASS, student_count=5))
    item = await place(desk, found, student)
    accepted(await add(desk, item))
    accepted(await merge(desk, student.person_id, graduate.person_id))
    assert isinstance(await add(desk, item), PupilPlacesOverlap)
    for person_id in (graduate.person_id, student.person_id):
        rows, _ = await pupil_queries.list_cooperation_pupils(
            desk.database, ALL, scope=made.FRONT, person_id=person_id
        )
        assert len(rows) == 1


async def test_of_the_erased_the_place_stays_counted_and_the_reason_goes(desk: Desk) -> None:
    member = await set_up(desk)
    found = await in_force(desk, draft_of(Kind.NAMED_CLASS))
    pupil = accepted(await add(desk, await place(desk, found, member)))
    item = RemoveCooperationPupil(**target(pupil), leave_date=TODAY, leave_reason="因病")
    facts = {"party": made.FRONT, "keys": desk.keys}
    accepted((await run(desk, remove_cooperation_pupils, item, **facts))[0])
    await desk.database.transact(lambda tx: forget(tx, [member.person_id]))
    (row,) = await desk.rows("SELECT state, sealed_leave_reason FROM cooperation_pupil")
    assert row == {"state": "LEFT", "sealed_leave_reason": b""}
