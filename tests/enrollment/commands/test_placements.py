"""Placements on PostgreSQL: nothing is changed, one is corrected once, and counts are right.

The statistics are held against a recount that goes through all rows one by one.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.errors import EtagMismatch, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import Target
from services.enrollment.commands.confirm_placements import confirm_placements
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.record_placements import RecordPlacement, record_placements
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.placement import Destination, Match, Placement, Source
from services.enrollment.domain.placement_refusals import CorrectedPlacementWrong
from services.enrollment.domain.refusals import RegionCodeUnknown
from services.enrollment.queries.cooperation_statistics import Figures, count_cooperation
from services.enrollment.queries.order_classes import count_order_classes
from services.enrollment.queries.placement_statistics import count_placements
from services.enrollment.queries.schools_asked import Question
from tests.enrollment import made
from tests.enrollment.conftest import REGIONS, Desk, accepted, organisation, unknown
from tests.enrollment.practice import STUDY, WORK
from tests.rows import insert

NOW = datetime(2023, 9, 1, 4, tzinfo=UTC)
RECORDER = Caller("recorder", made.FRONT, frozenset())
HEAD = Caller("head", made.FRONT, frozenset())
EMPLOYER = "某食品公司乙"


@pytest.fixture
async def record_id(desk: Desk) -> UUID:
    cohort = await desk.set_up_cohort()
    member = await desk.enroll(cohort.id)
    await desk.graduate(member.id)
    return await desk.front_record_id(member.id)


def recording(record_id: UUID, **changes: Any) -> RecordPlacement:
    facts: dict[str, Any] = {
        "status_record_id": record_id,
        "finding": replace(WORK, employer_name=EMPLOYER, pay_fen=451_237),
        "survey_date": date(2023, 8, 1),
        "source": Source.SCHOOL_SURVEY,
        "evidence_sha256": "ab" * 32,
        "corrected_id": None,
    }
    return RecordPlacement(**{**facts, **changes})


async def record(desk: Desk, record_id: UUID, **changes: Any) -> Any:
    (found,) = await desk.run(
        record_placements,
        recording(record_id, **changes),
        caller=RECORDER,
        keys=desk.keys,
        now=NOW,
    )
    return found


async def confirm(desk: Desk, placement: Placement, *, now: datetime = NOW) -> Any:
    item = Target(id=placement.id, etag='"1"')
    (found,) = await desk.run(confirm_placements, item, caller=HEAD, now=now)
    return found


def asked(**changes: Any) -> Question:
    facts: dict[str, Any] = {
        "organisation": made.FRONT,
        "region_code": "",
        "from_date": date(2023, 1, 1),
        "to_date": date(2023, 12, 31),
        "at_date": NOW.date(),
    }
    return Question(**{**facts, **changes})


async def test_surveys_follow_each_other_and_the_newest_by_its_day_counts(
    desk: Desk, record_id: UUID
) -> None:
    newest = accepted(await record(desk, record_id, survey_date=date(2023, 8, 20)))
    await confirm(desk, newest)
    # Written later, of an earlier day.
    older = accepted(await record(desk, record_id, finding=STUDY, survey_date=date(2023, 7, 20)))
    await confirm(desk, older)
    counts = await count_placements(desk.database, asked())
    assert counts == {(Destination.EMPLOYED, Match.MATCHED): 1}
    assert [event for event, _ in await desk.events()][-4:] == [
        "PlacementRecorded",
        "PlacementConfirmed",
        "PlacementRecorded",
        "PlacementConfirmed",
    ]


async def test_what_is_not_confirmed_or_was_corrected_does_not_count(
    desk: Desk, record_id: UUID
) -> None:
    wrong = accepted(await record(desk, record_id))
    assert await count_placements(desk.database, asked()) == {(Destination.UNKNOWN, None): 1}
    await confirm(desk, wrong)
    right = accepted(await record(desk, record_id, finding=STUDY, corrected_id=wrong.id))
    employed = {(Destination.EMPLOYED, Match.MATCHED): 1}
    assert await count_placements(desk.database, asked()) == employed
    await confirm(desk, right, now=NOW + timedelta(days=10))
    later = asked(at_date=NOW.date() + timedelta(days=10))
    assert await count_placements(desk.database, later) == {(Destination.FURTHER_STUDY, None): 1}
    # As it was known before the correction was confirmed, and before anything was.
    assert await count_placements(desk.database, asked()) == employed
    before = asked(at_date=NOW.date() - timedelta(days=1))
    assert await count_placements(desk.database, before) == {(Destination.UNKNOWN, None): 1}
    again = await record(desk, record_id, finding=STUDY, corrected_id=wrong.id)
    assert isinstance(again, CorrectedPlacementWrong)
    assert isinstance(
        await record(desk, record_id, corrected_id=unknown()), CorrectedPlacementWrong
    )


async def test_two_corrections_at_once_are_one(desk: Desk, record_id: UUID) -> None:
    wrong = accepted(await record(desk, record_id))
    item = recording(record_id, finding=STUDY, corrected_id=wrong.id)
    results: list[Any] = []

    async def meanwhile() -> None:
        results.append(await record(desk, record_id, finding=STUDY, corrected_id=wrong.id))

    await desk.run_around(
        meanwhile(),
        record_placements,
        item,
        caller=RECORDER,
        keys=desk.keys,
        now=NOW,
        regions=REGIONS,
    )
    assert isinstance(results[0], CorrectedPlacementWrong)


async def test_a_confirmation_waits_for_one_that_is_not_committed(
    desk: Desk, record_id: UUID
) -> None:
    placement = accepted(await record(desk, record_id))
    results: list[Any] = []

    async def meanwhile() -> None:
        results.append(await confirm(desk, placement))

    item = Target(id=placement.id, etag='"1"')
    await desk.run_around(meanwhile(), confirm_placements, item, caller=HEAD, now=NOW)
    assert isinstance(results[0], EtagMismatch)
    rows = await desk.rows("SELECT version, state FROM placement ORDER BY version")
    assert [(row["version"], row["state"]) for row in rows] == [(1, "RECORDED"), (2, "CONFIRMED")]


async def test_where_a_graduate_went_is_sealed_in_what_leaves_the_service(
    desk: Desk, record_id: UUID
) -> None:
    await record(desk, record_id)
    held = str(await desk.rows("SELECT * FROM placement"))
    (change,) = await desk.rows(
        "SELECT resource, audience FROM change WHERE event_type = 'PlacementRecorded'"
    )
    assert change["audience"] == [made.FRONT]
    for clear in (EMPLOYER, "451237", "检验员"):
        assert clear not in held
        assert clear.encode() not in change["resource"]
    assert b"EMPLOYED" not in change["resource"]


async def test_no_row_is_changed_or_deleted_by_anybody(desk: Desk, record_id: UUID) -> None:
    await record(desk, record_id)
    for statement in ("UPDATE placement SET match = match", "DELETE FROM placement"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await desk.rows(statement)


async def test_what_may_not_be_recorded_changes_nothing(desk: Desk, record_id: UUID) -> None:
    assert isinstance(await record(desk, unknown()), ResourceNotFound)
    refused = await record(desk, record_id, finding=replace(WORK, employer="nobody"))
    assert isinstance(refused, ResourceNotFound)
    assert refused.metadata == {"name": "organisations/nobody"}
    refused = await record(desk, record_id, finding=replace(WORK, region_code="999999"))
    assert isinstance(refused, RegionCodeUnknown)
    assert await desk.rows("SELECT id FROM placement") == []


# The recount.

PEOPLE = 60
SCHOOLS = {"suzhou1": "320500", "taicang": "320585", "shuyang": "321322", "yizheng": "321081"}
FIRST = date(2023, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Version:
    """A row of a placement as the recount sees it."""

    id: UUID
    record_id: UUID
    state: str
    record_date: date
    survey_date: date
    destination: str
    match: str | None
    corrected_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Graduate:
    """A graduation as the recount sees it."""

    record_id: UUID
    person_id: UUID
    school: str
    graduate_date: date


async def insert_all(desk: Desk, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    async with desk.database.connection() as connection:
        for row in rows:
            await insert(connection, table, **row)


def person_row(person_id: UUID) -> dict[str, Any]:
    return {
        "id": person_id,
        "version": 1,
        "birth_year": 2005,
        "sex_code": "1",
        "ethnicity_code": "01",
        "made_up": True,
        "state": "ACTIVE",
    }


def record_row(graduate: Graduate, **changes: Any) -> dict[str, Any]:
    return {
        "id": graduate.record_id,
        "version": 1,
        "state": "GRADUATED",
        "person_id": graduate.person_id,
        "organisation": graduate.school,
        "front": graduate.school,
        "back": graduate.school,
        "level": "SECONDARY_VOCATIONAL",
        "stage": "OUTSIDE",
        "major_code": "690101",
        "class_name": "",
        "grade_year": 2020,
        "years": 3,
        "status": "GRADUATED",
        "status_from_date": graduate.graduate_date + timedelta(days=1),
        "valid_from_date": date(2020, 9, 1),
        "valid_to_date": graduate.graduate_date,
        "sealed_diploma_number": b"1",
        "graduate_date": graduate.graduate_date,
        **changes,
    }


def placement_row(version: Version, graduate: Graduate) -> dict[str, Any]:
    is_confirmed = version.state == "CONFIRMED"
    return {
        "id": version.id,
        "version": 2 if is_confirmed else 1,
        "state": version.state,
        "record_date": version.record_date,
        "person_id": graduate.person_id,
        "status_record_id": version.record_id,
        "organisation": graduate.school,
        "recorded_by": "recorder",
        "confirmed_by": "head" if is_confirmed else "",
        "survey_date": version.survey_date,
        "source": "SCHOOL_SURVEY",
        "evidence_sha256": "ab" * 32,
        "corrected_id": version.corrected_id,
        "destination": version.destination,
        "match": version.match,
    }


def make_graduates(rng: random.Random) -> list[Graduate]:
    """Return graduations; every sixth person graduates twice."""
    persons = [new_id() for _ in range(PEOPLE)]
    return [
        Graduate(
            record_id=new_id(),
            person_id=person_id,
            school=rng.choice(list(SCHOOLS)),
            graduate_date=FIRST + timedelta(days=rng.randrange(300)),
        )
        for number, person_id in enumerate(persons)
        for _ in range(2 if number % 6 == 0 else 1)
    ]


def make_versions(rng: random.Random, graduates: Sequence[Graduate]) -> list[Version]:
    """Return placements of graduates: some corrected, some not confirmed."""
    found: list[Version] = []
    for graduate in graduates:
        own: list[UUID] = []
        for _ in range(rng.randrange(5)):
            destination = rng.choice(list(Destination))
            works = destination in {Destination.EMPLOYED, Destination.SELF_EMPLOYED}
            day = graduate.graduate_date + timedelta(days=rng.randrange(1, 90))
            first = Version(
                id=new_id(),
                record_id=graduate.record_id,
                state="RECORDED",
                record_date=day + timedelta(days=rng.randrange(20)),
                survey_date=day,
                destination=destination,
                match=rng.choice(list(Match)) if works else None,
                corrected_id=own.pop() if own and rng.random() < 0.4 else None,
            )
            found.append(first)
            own.append(first.id)
            if rng.random() < 0.8:
                confirmed = first.record_date + timedelta(days=rng.randrange(30))
                found.append(replace(first, state="CONFIRMED", record_date=confirmed))
    return found


def recount(
    graduates: Sequence[Graduate], versions: Sequence[Version], question: Question
) -> Counter[tuple[str, str | None]]:
    """Count as a registrar would with a list and a pencil."""
    last: dict[UUID, Graduate] = {}
    for graduate in sorted(graduates, key=lambda each: (each.graduate_date, each.record_id)):
        is_in_period = question.from_date <= graduate.graduate_date <= question.to_date
        is_known = graduate.graduate_date <= question.at_date
        is_school = question.organisation in {"", graduate.school}
        within = question.region_code.rstrip("0") if question.region_code else ""
        if is_in_period and is_known and is_school and SCHOOLS[graduate.school].startswith(within):
            last[graduate.person_id] = graduate
    known = [
        each
        for each in versions
        if each.state == "CONFIRMED" and each.record_date <= question.at_date
    ]
    corrected = {each.corrected_id for each in known}
    found: Counter[tuple[str, str | None]] = Counter()
    for graduate in last.values():
        own = [
            each
            for each in known
            if each.record_id == graduate.record_id and each.id not in corrected
        ]
        newest = max(own, key=lambda each: (each.survey_date, each.id), default=None)
        found[(newest.destination, newest.match) if newest else ("UNKNOWN", None)] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_the_statistics_equal_a_recount(desk: Desk, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - made-up data
    schools = [
        organisation(slug, Kind.SECONDARY_VOCATIONAL, region_code=code)
        for slug, code in SCHOOLS.items()
    ]
    await desk.run(create_organisations, *schools)
    graduates = make_graduates(rng)
    versions = make_versions(rng, graduates)
    by_record = {each.record_id: each for each in graduates}
    persons = dict.fromkeys(each.person_id for each in graduates)
    await insert_all(desk, "person", [person_row(each) for each in persons])
    await insert_all(desk, "status_record", [record_row(each) for each in graduates])
    await insert_all(
        desk, "placement", [placement_row(each, by_record[each.record_id]) for each in versions]
    )
    for _ in range(40):
        from_date = FIRST + timedelta(days=rng.randrange(300))
        question = Question(
            organisation=rng.choice(["", *SCHOOLS]),
            region_code=rng.choice(["", "320000", "320500", "321300", "321322", "330000"]),
            from_date=from_date,
            to_date=from_date + timedelta(days=rng.randrange(200)),
            at_date=FIRST + timedelta(days=rng.randrange(400)),
        )
        counted = await count_placements(desk.database, question)
        assert counted == recount(graduates, versions, question), question
        assert all(counted.values())


async def test_order_pupils_are_counted_by_school_with_the_names_of_their_classes(
    desk: Desk,
) -> None:
    # S4 names 联想班 and 地铁班 among the classes; here one pupil is in both.
    cohort = await desk.set_up_cohort()
    members = [await desk.enroll(cohort.id, serial) for serial in (1, 2, 3)]
    record_ids = [await desk.front_record_id(each.id) for each in members]
    classes = {name: unknown() for name in ("联想班", "地铁班", "学徒")}
    places: list[tuple[str, int, date | None]]
    places = [("联想班", 0, None), ("地铁班", 0, None), ("地铁班", 1, None)]
    places += [("联想班", 2, date(2023, 5, 1)), ("学徒", 2, None)]
    async with desk.database.connection() as connection:
        for name, class_id in classes.items():
            kind = "APPRENTICESHIP" if name == "学徒" else "ORDER_CLASS"
            class_name = "" if name == "学徒" else name
            await insert(connection, "cooperation", id=class_id, kind=kind, class_name=class_name)
        for name, number, leave_date in places:
            await insert(
                connection,
                "cooperation_pupil",
                cooperation_id=classes[name],
                kind="ORDER_CLASS",
                person_id=members[number].person_id,
                status_record_id=record_ids[number],
                school=made.FRONT,
                join_date=date(2022, 9, 1),
                leave_date=leave_date,
                state="LEFT" if leave_date else "ACTIVE",
            )
    counted = await count_order_classes(desk.database, asked(organisation=""))
    assert (counted.pupils, counted.schools) == (2, 1)
    (row,) = counted.by_school
    assert (row["school"], row["pupils"]) == (made.FRONT, 2)
    assert sorted(row["class_names"]) == ["地铁班", "联想班"]
    before = replace(asked(), to_date=date(2023, 4, 30))
    assert (await count_order_classes(desk.database, before)).pupils == 3
    elsewhere = await count_order_classes(desk.database, asked(organisation=made.BACK))
    assert (elsewhere.pupils, elsewhere.schools, list(elsewhere.by_school)) == (0, 0, [])


async def test_414_points_are_counted_with_305_matched(desk: Desk) -> None:
    firms = [organisation(f"firm{number}", Kind.ENTERPRISE) for number in range(9)]
    school = organisation("siyang2", Kind.SECONDARY_VOCATIONAL, region_code="321323")
    await desk.run(create_organisations, school, *firms)
    points = [
        {
            "id": new_id(),
            "version": 1,
            "state": "OPEN",
            "organisation": "siyang2",
            "enterprise": f"firm{number % 9}",
            "post": f"岗位{number}",
            "major_codes": '["690101"]' if number < 305 else "[]",
            "match_reason": "核对",
            "region_code": "320500",
            "valid_from_date": date(2022, 1, 1),
        }
        for number in range(414)
    ]
    ended = {"state": "ENDED", "valid_to_date": date(2022, 6, 30), "post": "已停用"}
    await insert_all(desk, "internship_point", [*points, {**points[0], "id": new_id(), **ended}])
    graduate = Graduate(
        record_id=new_id(),
        person_id=new_id(),
        school="siyang2",
        graduate_date=date(2023, 6, 30),
    )
    await insert_all(desk, "person", [person_row(graduate.person_id)])
    present = {
        "state": "IN_SCHOOL",
        "status": "STUDYING",
        "status_from_date": date(2020, 9, 1),
        "valid_to_date": None,
        "sealed_diploma_number": b"",
        "graduate_date": None,
    }
    await insert_all(desk, "status_record", [record_row(graduate, **present)])
    question = asked(organisation="", region_code="321300")
    figures = Figures(
        schools=1, majors=1, pupils=1, firms=9, points=414, matched_points=305, interns=0
    )
    assert await count_cooperation(desk.database, question) == figures
    earlier = replace(question, from_date=date(2022, 6, 30), to_date=date(2022, 12, 31))
    assert (await count_cooperation(desk.database, earlier)).points == 415
    elsewhere = replace(question, region_code="320500")
    nothing = Figures(schools=0, majors=0, pupils=0, firms=0, points=0, matched_points=0, interns=0)
    assert await count_cooperation(desk.database, elsewhere) == nothing
