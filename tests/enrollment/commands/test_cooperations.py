"""Cooperations on PostgreSQL: steps and their events, races at a lock, counts of a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.errors import EtagMismatch, ResourceNotFound
from services.enrollment.commands.add_cooperation_members import (
    AddCooperationMember,
    add_cooperation_members,
)
from services.enrollment.commands.add_cooperation_pupils import (
    add_cooperation_pupils,
)
from services.enrollment.commands.attach_cooperation_agreements import (
    AttachCooperationAgreement,
    attach_cooperation_agreements,
)
from services.enrollment.commands.change_cooperation_grades import (
    ChangeCooperationGrade,
    change_cooperation_grades,
)
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.end_cooperations import EndCooperation, end_cooperations
from services.enrollment.commands.name_cooperation_heads import (
    NameCooperationHead,
    name_cooperation_heads,
)
from services.enrollment.commands.seal_contact import ContactDetails, seal_contact
from services.enrollment.commands.sign_cooperations import sign_cooperations
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.cooperation_facts import State
from services.enrollment.domain.cooperation_parts import Agreement, Entrant, Grade, Kind, Role
from services.enrollment.domain.organisation import Kind as OrganisationKind
from services.enrollment.queries import cooperations as queries
from services.enrollment.queries.cooperation_counts import count_cooperations
from services.enrollment.queries.regions import region_prefix
from tests.enrollment import made
from tests.enrollment.conftest import ORGANISATIONS, Desk, accepted, organisation
from tests.enrollment.cooperating import (
    AGREEMENT,
    ALL,
    FIRM,
    NOW,
    RIVAL,
    TODAY,
    add,
    consent,
    draft,
    draft_of,
    firms,
    in_force,
    place,
    put_in_force,
    run,
    set_up,
    signature,
    target,
)
from tests.enrollment.cooperations import OTHER_SHA, SHA


async def test_each_step_is_an_event_that_all_parties_hear(desk: Desk) -> None:
    member = await set_up(desk)
    found = await in_force(desk)
    await consent(desk, member, Purpose.INTERNSHIP)
    accepted(await add(desk, await place(desk, found, member)))
    end = EndCooperation(**target(found), reason="合作期满")
    (ended,) = await run(desk, end_cooperations, end, party=FIRM)
    assert accepted(ended).state is State.ENDED
    events = [event for event in await desk.events() if "cooperation" in event[1]]
    assert events == [
        ("CooperationDrafted", "cooperations"),
        ("CooperationSigned", "cooperations"),
        ("CooperationSigned", "cooperations"),
        ("CooperationStarted", "cooperations"),
        ("CooperationPupilJoined", "cooperationPupils"),
        ("CooperationEnded", "cooperations"),
        ("CooperationPupilLeft", "cooperationPupils"),
    ]
    audiences = await desk.rows(
        "SELECT DISTINCT split_part(resource_name, '/', 1) AS of, audience FROM change"
        " WHERE resource_name LIKE 'cooperation%'"
    )
    # An enterprise reads of pupils with their consent, and never by the feed.
    assert {row["of"]: sorted(row["audience"]) for row in audiences} == {
        "cooperations": sorted([made.FRONT, FIRM]),
        "cooperationPupils": [made.FRONT],
    }
    (left,) = await desk.rows("SELECT state, leave_date FROM cooperation_pupil")
    assert left == {"state": "LEFT", "leave_date": TODAY}


async def test_a_cooperation_is_read_as_it_was_written(desk: Desk) -> None:
    await set_up(desk)
    found = await in_force(desk)
    read = await queries.get_cooperation(desk.database, found.id, scope=FIRM)
    found.event = None
    assert read == found
    with pytest.raises(ResourceNotFound):
        await queries.get_cooperation(desk.database, found.id, scope=made.STRANGER)


async def test_a_signature_that_another_agreement_overtakes_counts_for_nothing(desk: Desk) -> None:
    """The agreement holds the lock; the signature waits, and then sees another version."""
    await set_up(desk)
    found = await draft(desk)
    outcome: list[Any] = []

    async def late() -> None:
        outcome.extend(await run(desk, sign_cooperations, signature(found), party=FIRM))

    other = Agreement(**{**_fields(AGREEMENT), "sha256": OTHER_SHA})
    item = AttachCooperationAgreement(**target(found), agreement=other)
    await desk.run_around(late(), attach_cooperation_agreements, item, party=made.FRONT)
    assert isinstance(outcome[0], EtagMismatch)
    (row,) = await desk.rows("SELECT state, agreement_sha256, parties FROM cooperation")
    assert (row["state"], row["agreement_sha256"]) == ("DRAFTED", OTHER_SHA)
    assert '"sign_date": null' in row["parties"]
    assert SHA not in row["parties"]


async def test_of_two_signatures_at_once_the_second_is_told_of_the_first(desk: Desk) -> None:
    await set_up(desk)
    found = await draft(desk)
    outcome: list[Any] = []

    async def second() -> None:
        outcome.extend(await run(desk, sign_cooperations, signature(found), party=FIRM))

    await desk.run_around(second(), sign_cooperations, signature(found), party=made.FRONT, now=NOW)
    assert isinstance(outcome[0], EtagMismatch)
    (signed,) = await run(desk, sign_cooperations, signature(found, 2), party=FIRM)
    assert accepted(signed).state is State.SIGNED


async def test_a_foreigner_is_told_that_there_is_none(desk: Desk) -> None:
    member = await set_up(desk)
    found = await draft(desk, draft_of(Kind.NAMED_CLASS))
    for command, item in (
        (sign_cooperations, signature(found, 9)),
        (end_cooperations, EndCooperation(**target(found, 9), reason="-")),
    ):
        (refused,) = await run(desk, command, item, party=made.STRANGER)
        assert isinstance(refused, ResourceNotFound)
    joining = await place(desk, found, member)
    (refused,) = await run(
        desk, add_cooperation_pupils, joining, party=made.STRANGER, keys=desk.keys
    )
    assert isinstance(refused, ResourceNotFound)


async def test_heads_are_sealed_and_replaced(desk: Desk) -> None:
    await set_up(desk)
    found = await draft(desk)
    for name, post in (("测试负责人", "系主任"), ("另一负责人", "副校长")):
        details = ContactDetails(display_name=name, phone="0512-10000000", post=post)
        item = NameCooperationHead(
            cooperation_id=found.id, body=None, contact=await seal_contact(desk.keys, details)
        )
        (named,) = await run(desk, name_cooperation_heads, item, party=FIRM)
        accepted(named)
    (row,) = await desk.rows("SELECT version, party, body, post FROM cooperation_head")
    assert row == {"version": 2, "party": FIRM, "body": "", "post": "副校长"}
    assert "负责人" not in str(await desk.rows("SELECT * FROM cooperation_head"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cooperation_pupil SET agreement_sha256 = '', kind = 'APPRENTICESHIP'",
        "UPDATE cooperation_pupil SET leave_date = '2019-01-01', state = 'LEFT'",
        "UPDATE cooperation_pupil SET state = 'LEFT'",
        "UPDATE cooperation SET kind = 'ARTICULATION', class_name = ''",
        "UPDATE cooperation SET agreement_sha256 = ''",
    ],
)
async def test_the_database_itself_refuses_what_must_never_be(desk: Desk, statement: str) -> None:
    member = await set_up(desk)
    found = await in_force(desk, draft_of(Kind.NAMED_CLASS))
    accepted(await add(desk, await place(desk, found, member)))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.rows(statement)


async def test_lists_are_filtered_by_day_party_and_region(desk: Desk) -> None:
    await set_up(desk)
    found = await in_force(desk)
    await draft(desk, draft_of(Kind.NAMED_CLASS))

    async def count(**filters: Any) -> int:
        rows, _ = await queries.list_cooperations(desk.database, ALL, scope=None, **filters)
        return len(rows)

    assert await count() == 2
    assert await count(in_force_date=TODAY) == 1
    assert await count(in_force_date=TODAY - timedelta(days=1)) == 0
    # Its agreement ends on the day before.
    assert await count(in_force_date=date(2025, 9, 1)) == 0
    assert await count(party=FIRM, kind="APPRENTICESHIP", state="IN_FORCE") == 1
    assert await count(party=RIVAL) == 0
    assert await count(holder=made.FRONT) == 1
    assert [await count(region=region_prefix(code)) for code in ("320000", "320500")] == [
        2,
        2,
    ]
    assert await count(region=region_prefix("321300")) == 0
    assert found.holder is None


async def test_who_left_a_consortium_still_sees_what_it_signed(desk: Desk) -> None:
    await set_up(desk)
    item = draft_of(
        Kind.COMMUNITY,
        agreement=None,
        entrants=(
            Entrant(organisation=made.FRONT, role=Role.SCHOOL, is_lead=True),
            Entrant(organisation=FIRM, role=Role.ENTERPRISE, is_lead=True),
        ),
    )
    found = await in_force(desk, item)
    entrant = Entrant(organisation=RIVAL, role=Role.ENTERPRISE)
    step = AddCooperationMember(**target(found), entrant=entrant)
    (grown,) = await run(desk, add_cooperation_members, step, party=FIRM)
    assert accepted(grown).holder == RIVAL
    rows = await desk.rows("SELECT organisation FROM cooperation_party ORDER BY organisation")
    assert [row["organisation"] for row in rows] == sorted([made.FRONT, FIRM, RIVAL])
    assert await queries.get_cooperation(desk.database, found.id, scope=RIVAL)


# S0: 苏州工业职业技术学院's enterprise colleges, 2 校级 + 9 系院 + 24 专业.
S0_GRADES = {Grade.SCHOOL: 2, Grade.DEPARTMENT: 9, Grade.MAJOR: 24}


async def test_s0_the_enterprise_colleges_of_a_college_are_counted_by_grade(desk: Desk) -> None:
    await desk.run(create_organisations, *ORGANISATIONS, *firms("chuangyuan", "hengtong"))
    entrants = (
        Entrant(organisation=made.BACK, role=Role.COLLEGE),
        Entrant(organisation="chuangyuan", role=Role.ENTERPRISE),
        Entrant(organisation="hengtong", role=Role.ENTERPRISE),
    )
    drafts = [
        draft_of(Kind.ENTERPRISE_COLLEGE, entrants=entrants, agreement=None, grade=grade)
        for grade, count in S0_GRADES.items()
        for _ in range(count)
    ]
    found = await put_in_force(desk, drafts, party=made.BACK)
    assert await graded(desk, TODAY) == S0_GRADES
    # One rises a year later; the day before is as it was.
    rise = ChangeCooperationGrade(**target(found[-1]), grade=Grade.DEPARTMENT)
    on = datetime(2023, 9, 10, 4, tzinfo=UTC)
    accepted((await run(desk, change_cooperation_grades, rise, party=made.BACK, now=on))[0])
    assert await graded(desk, date(2023, 9, 9)) == S0_GRADES
    after = {Grade.SCHOOL: 2, Grade.DEPARTMENT: 10, Grade.MAJOR: 23}
    assert await graded(desk, date(2023, 9, 10)) == after


async def graded(desk: Desk, on: date) -> dict[Grade, int]:
    rows = await count_cooperations(
        desk.database, on=on, scope=made.BACK, kind="ENTERPRISE_COLLEGE"
    )
    assert {row["enterprises_count"] for row in rows} == {2}
    assert {row["schools_count"] for row in rows} == {1}
    return {Grade(row["grade"]): row["cooperations_count"] for row in rows}


# S4: 27 of 51 schools have order classes, with 6526 pupils; how many each has is made up.
S4_SCHOOLS, S4_PUPILS = 27, 6526
S4_CLASSES = ["高尔夫班", "大能手班", "地铁班", "联想班", "城口班", "顶新中职班"]


async def test_s4_order_classes_are_counted_with_their_schools_and_students(desk: Desk) -> None:
    schools = [
        organisation(f"jx{number}", OrganisationKind.TECHNICIAN, region_code="500100")
        for number in range(S4_SCHOOLS)
    ]
    await desk.run(create_organisations, *ORGANISATIONS, *schools, *firms(FIRM))
    usual, rest = divmod(S4_PUPILS, S4_SCHOOLS)
    for number, school in enumerate(schools):
        item = draft_of(
            Kind.ORDER_CLASS,
            agreement=None,
            class_name=S4_CLASSES[number % len(S4_CLASSES)],
            student_count=usual + (number < rest),
            entrants=(
                Entrant(organisation=school.new_id, role=Role.SCHOOL),
                Entrant(organisation=FIRM, role=Role.ENTERPRISE),
            ),
        )
        await put_in_force(desk, [item], party=school.new_id)
    (row,) = await count_cooperations(desk.database, on=TODAY, scope=None, region="50")
    assert (row["kind"], row["schools_count"]) == ("ORDER_CLASS", S4_SCHOOLS)
    assert (row["agreed_students_count"], row["pupils_count"]) == (S4_PUPILS, 0)
    assert await count_cooperations(desk.database, on=TODAY, scope=None, region="32") == []


def _fields(agreement: Agreement) -> dict[str, Any]:
    return {name: getattr(agreement, name) for name in Agreement.__slots__}
