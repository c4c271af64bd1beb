"""Cooperations on PostgreSQL: steps and their events, races at a lock, rosters, counts of a day."""

import inspect
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from chassis.paging import read_page
from services.enrollment.commands.add_cooperation_members import (
    AddCooperationMember,
    add_cooperation_members,
)
from services.enrollment.commands.add_cooperation_pupils import (
    AddCooperationPupil,
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
from services.enrollment.commands.changing import Target
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.draft_cooperations import DraftCooperation, draft_cooperations
from services.enrollment.commands.end_cooperations import EndCooperation, end_cooperations
from services.enrollment.commands.give_consents import GiveConsent, give_consents
from services.enrollment.commands.name_cooperation_heads import (
    NameCooperationHead,
    name_cooperation_heads,
)
from services.enrollment.commands.record_guardians import RecordGuardian, record_guardians
from services.enrollment.commands.remove_cooperation_pupils import (
    RemoveCooperationPupil,
    remove_cooperation_pupils,
)
from services.enrollment.commands.seal_contact import ContactDetails, seal_contact
from services.enrollment.commands.sign_cooperations import SignCooperation, sign_cooperations
from services.enrollment.commands.start_cooperations import StartCooperation, start_cooperations
from services.enrollment.commands.withdraw_consents import withdraw_consents
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State
from services.enrollment.domain.cooperation_parts import Agreement, Entrant, Grade, Kind, Role
from services.enrollment.domain.cooperation_pupil import CooperationPupil
from services.enrollment.domain.cooperation_refusals import (
    ApprenticePapersMissing,
    CooperationFull,
    PupilPlacesOverlap,
)
from services.enrollment.domain.organisation import Kind as OrganisationKind
from services.enrollment.queries import cooperation_pupils as pupil_queries
from services.enrollment.queries import cooperations as queries
from services.enrollment.queries.cooperation_counts import count_cooperations
from tests.enrollment import made
from tests.enrollment.conftest import ORGANISATIONS, POLICIES, Desk, accepted, organisation
from tests.enrollment.cooperations import OTHER_SHA, PAPER, SHA, uscc

# The student of the case is 17.
NOW = datetime(2022, 9, 10, 4, tzinfo=UTC)
TODAY = date(2022, 9, 10)
FIRM, RIVAL = "tongcheng", "bazhuayu"
AGREEMENT = Agreement(
    number="旅财合〔2022〕1号",
    sha256=SHA,
    valid_from_date=date(2022, 9, 1),
    valid_to_date=date(2025, 8, 31),
)
ALL = read_page(1000, "", {})


async def run(desk: Desk, command: Any, *items: Any, **facts: Any) -> list[Any]:
    return await desk.run(command, *items, **_now(command) | facts)


def _now(command: Any) -> dict[str, Any]:
    return {"now": NOW} if "now" in inspect.signature(command).parameters else {}


def firms(*slugs: str) -> list[Any]:
    return [
        organisation(slug, OrganisationKind.ENTERPRISE, uscc=uscc(serial))
        for serial, slug in enumerate(slugs, start=900)
    ]


def draft_of(kind: Kind = Kind.APPRENTICESHIP, **changes: Any) -> DraftCooperation:
    facts: dict[str, Any] = {
        "kind": kind,
        "display_name": "现代学徒制",
        "entrants": (
            Entrant(organisation=made.FRONT, role=Role.SCHOOL),
            Entrant(organisation=FIRM, role=Role.ENTERPRISE),
        ),
        "agreement": AGREEMENT,
    }
    if kind in {Kind.NAMED_CLASS, Kind.ORDER_CLASS}:
        facts |= {"class_name": "同程班", "student_count": 1}
    return DraftCooperation(**{**facts, **changes})


async def set_up(desk: Desk) -> CohortMember:
    """Enrol a student of 15 years, and register two enterprises."""
    cohort = await desk.set_up_cohort()
    await desk.run(create_organisations, *firms(FIRM, RIVAL))
    return await desk.enroll(cohort.id)


async def draft(desk: Desk, item: DraftCooperation | None = None) -> Cooperation:
    (found,) = await run(desk, draft_cooperations, item or draft_of(), party=made.FRONT)
    drafted: Cooperation = accepted(found)
    return drafted


def target(found: Any, version: int | None = None) -> dict[str, Any]:
    return {"id": found.id, "etag": f'"{version or found.version}"'}


def signature(found: Cooperation, version: int | None = None, **changes: Any) -> SignCooperation:
    sha = found.agreement.sha256 if found.agreement else ""
    facts = {"agreement_sha256": sha, "enterprise": "", "paper_sha256": "", **changes}
    return SignCooperation(**target(found, version), **facts)


async def sign(desk: Desk, found: Cooperation) -> Cooperation:
    """Let each sign whose turn it is."""
    while found.state is State.DRAFTED:
        party = str(found.holder)
        (signed,) = await run(desk, sign_cooperations, signature(found), party=party)
        found = accepted(signed)
    return found


async def in_force(desk: Desk, item: DraftCooperation | None = None) -> Cooperation:
    found = await sign(desk, await draft(desk, item))
    start = StartCooperation(**target(found))
    (started,) = await run(desk, start_cooperations, start, party=found.drafted_by)
    in_force: Cooperation = accepted(started)
    return in_force


async def place(desk: Desk, found: Cooperation, member: CohortMember) -> AddCooperationPupil:
    return AddCooperationPupil(
        cooperation_id=found.id,
        status_record_id=await desk.front_record_id(member.id),
        join_date=TODAY,
        agreement_sha256=OTHER_SHA,
    )


async def add(desk: Desk, item: AddCooperationPupil) -> CooperationPupil | DomainError:
    (pupil,) = await run(desk, add_cooperation_pupils, item, party=made.FRONT, keys=desk.keys)
    result: CooperationPupil | DomainError = pupil
    return result


async def consent(desk: Desk, member: CohortMember, purpose: Purpose) -> Any:
    """Record a consent: a guardian's for work, the student's own for an enterprise."""
    guardian_id = None
    if purpose is Purpose.INTERNSHIP:
        details = RecordGuardian(
            person_id=member.person_id, display_name="测试监护人", relation="父亲", phone="1" * 11
        )
        (guardian,) = await desk.run(record_guardians, details, party=made.FRONT, keys=desk.keys)
        guardian_id = accepted(guardian).id
    item = GiveConsent(
        person_id=member.person_id,
        guardian_id=guardian_id,
        purpose=purpose,
        give_date=TODAY,
        evidence_sha256=PAPER,
    )
    facts = {"party": made.FRONT, "keys": desk.keys, "today": TODAY}
    (given,) = await desk.run(give_consents, item, **facts)
    return accepted(given)


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
    assert [await count(region=queries.region_prefix(code)) for code in ("320000", "320500")] == [
        2,
        2,
    ]
    assert await count(region=queries.region_prefix("321300")) == 0
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


async def put_in_force(
    desk: Desk, drafts: list[DraftCooperation], *, party: str
) -> list[Cooperation]:
    """Draft, sign and start many at once; the school records what enterprises signed on paper."""
    found = [accepted(each) for each in await run(desk, draft_cooperations, *drafts, party=party)]
    for entrant in drafts[0].entrants:
        enterprise = entrant.organisation if entrant.role is Role.ENTERPRISE else ""
        paper: dict[str, Any] = {
            "enterprise": enterprise,
            "paper_sha256": PAPER if enterprise else "",
        }
        items = [signature(each, **paper) for each in found]
        found = [accepted(each) for each in await run(desk, sign_cooperations, *items, party=party)]
    starts = [StartCooperation(**target(each)) for each in found]
    return [accepted(each) for each in await run(desk, start_cooperations, *starts, party=party)]


def _fields(agreement: Agreement) -> dict[str, Any]:
    return {name: getattr(agreement, name) for name in Agreement.__slots__}
