"""Each RPC on placements and statistics: as it is meant, foreign, denied, malformed."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import person_access_service_pb2, person_access_service_pb2_grpc
from guantong.enrollment.v1.placement_pb2 import Placement
from guantong.enrollment.v1.statistics_service_pb2 import Share

from tests.enrollment import made
from tests.enrollment.edge.practice_world import (
    BUREAU,
    EMPLOYER,
    FIRM,
    HEAD,
    TEACHER,
    PracticeWorld,
    day,
    make_practice_world,
    point_fields,
)
from tests.enrollment.edge.test_private_data import dump, forms_of
from tests.enrollment.edge.world import make_world
from tests.served import Served

STRANGER = (made.STRANGER, "registrar")
YEAR = {"from_date": Date(year=2023, month=1, day=1), "to_date": Date(year=2023, month=12, day=31)}


@pytest.fixture
async def world(fresh_enrollment: Served) -> PracticeWorld:
    practice = await make_practice_world(await make_world(fresh_enrollment))
    await practice.graduate()
    return practice


async def test_a_destination_is_recorded_confirmed_and_corrected(world: PracticeWorld) -> None:
    first = await world.record()
    confirmed = await world.step("ConfirmPlacement", first)
    assert (confirmed.state, confirmed.version) == (Placement.STATE_CONFIRMED, 2)
    right = await world.record(
        destination=Placement.DESTINATION_FURTHER_STUDY,
        employer_name="某学院",
        post="",
        region_code="",
        match=0,
        match_reason="",
        pay_fen=0,
        corrected_placement=first.name,
    )
    assert right.corrected_placement == first.name
    listed = await world.call("ListPlacements", person=world.world.member.person)
    assert list(listed.placements) == [confirmed, right]
    assert await world.call("GetPlacement", name=first.name) == confirmed


async def test_where_a_graduate_went_is_for_the_school_and_the_bureau_alone(
    world: PracticeWorld,
) -> None:
    # A registered employer is no party.
    placement = await world.record(employer=f"organisations/{EMPLOYER}", employer_name="")
    for caller in (TEACHER, BUREAU):
        got = await world.call("GetPlacement", caller, name=placement.name)
        assert (got.destination, got.match, got.pay_fen, got.region_code, got.employer) == (
            Placement.DESTINATION_EMPLOYED,
            Placement.MATCH_MATCHED,
            451_237,
            "320500",
            f"organisations/{EMPLOYER}",
        )
        assert not got.HasField("sealed")
    await world.consent()
    for stranger in (FIRM, (made.BACK, "registrar"), STRANGER):
        details = await world.refused("GetPlacement", stranger, name=placement.name)
        assert details["reason"] == "RESOURCE_NOT_FOUND"
        assert not (await world.call("ListPlacements", stranger)).placements
    for role in ("auditor", "administrator", "assistance_officer", "agent"):
        details = await world.refused("GetPlacement", ("audit", role), name=placement.name)
        assert details["reason"] == "PERMISSION_DENIED"
    dumped = await dump(world.world.service.base.database)
    assert [form for form in forms_of("451237") if form in dumped] == []


async def test_an_export_holds_work_and_destination_for_who_may_have_them(
    world: PracticeWorld,
) -> None:
    placement = await world.record()
    other = (made.BACK, "registrar")
    # Of the graduate themselves, of the school, and of an auditor; not of another school.
    person = world.world.member.person
    asked = [(made.FRONT, "student", person), (*TEACHER, ""), ("audit", "auditor", "")]
    for party, role, subject in asked:
        exported = await export(world, party, role, subject)
        (found,) = [each for each in exported if each.Is(Placement.DESCRIPTOR)]
        held = Placement()
        found.Unpack(held)
        assert (held.name, held.pay_fen, held.post) == (placement.name, 451_237, "检验员")
    assert not [each for each in await export(world, *other, "") if each.Is(Placement.DESCRIPTOR)]


async def export(world: PracticeWorld, party: str, role: str, subject: str) -> list[Any]:
    service = world.world.service
    request = person_access_service_pb2.ExportPersonRequest(
        name=world.world.member.person, reason="查看"
    )
    stub = person_access_service_pb2_grpc.PersonAccessServiceStub(service.channel)
    answer = await stub.ExportPerson(request, metadata=service.token(party, role, subject=subject))
    return list(answer.other_records)


async def test_what_is_refused_is_said_and_changes_nothing(world: PracticeWorld) -> None:
    placement = await world.record()
    record = world.placement_fields()
    target = {"name": placement.name, "etag": placement.etag}
    month = Date(year=2023, month=13, day=1)
    cases: list[tuple[str, tuple[str, str], dict[str, Any], str]] = [
        ("RecordPlacement", TEACHER, record | {"destination": 0}, "FIELDS_INVALID"),
        ("RecordPlacement", TEACHER, record | {"survey_date": month}, "FIELDS_INVALID"),
        ("RecordPlacement", TEACHER, record | {"evidence_sha256": ""}, "FIELDS_INVALID"),
        ("RecordPlacement", TEACHER, record | {"post": ""}, "PLACEMENT_FACTS_WRONG"),
        ("RecordPlacement", TEACHER, record | {"region_code": "999999"}, "REGION_CODE_UNKNOWN"),
        (
            "RecordPlacement",
            TEACHER,
            record | {"survey_date": day(date(2023, 9, 3))},
            "SURVEY_DATE_WRONG",
        ),
        (
            "RecordPlacement",
            TEACHER,
            record | {"survey_date": day(date(2023, 6, 30))},
            "NOT_GRADUATE",
        ),
        (
            "RecordPlacement",
            TEACHER,
            record | {"corrected_placement": f"placements/{uuid4()}"},
            "CORRECTED_PLACEMENT_WRONG",
        ),
        ("RecordPlacement", (made.BACK, "registrar"), record, "NOT_RECORD_HOLDER"),
        ("RecordPlacement", STRANGER, record, "RESOURCE_NOT_FOUND"),
        ("RecordPlacement", HEAD, record, "PERMISSION_DENIED"),
        ("ConfirmPlacement", HEAD, target | {"etag": '"9"'}, "ETAG_MISMATCH"),
        ("ConfirmPlacement", (made.BACK, "approver"), target, "RESOURCE_NOT_FOUND"),
        ("ListPlacements", TEACHER, {"page_token": "garbage"}, "PAGE_TOKEN_INVALID"),
        ("ListPlacements", TEACHER, {"state": 9}, "FIELDS_INVALID"),
        ("GetPlacementStatistics", TEACHER, {}, "FIELDS_INVALID"),
        ("GetPlacementStatistics", TEACHER, YEAR | {"region_code": "32"}, "FIELDS_INVALID"),
        (
            "GetPlacementStatistics",
            TEACHER,
            {"from_date": YEAR["to_date"], "to_date": YEAR["from_date"]},
            "STATISTICS_PERIOD_WRONG",
        ),
        (
            "GetCooperationStatistics",
            TEACHER,
            YEAR | {"organisation": f"organisations/{made.BACK}"},
            "RESOURCE_NOT_FOUND",
        ),
    ]
    for rpc, caller, fields, expected in cases:
        own = {"request_id": str(uuid4())} if rpc.startswith(("Record", "Confirm")) else {}
        details = await world.refused(rpc, caller, **own, **fields)
        assert details["reason"] == expected, (rpc, fields)


def fractions(answer: Any) -> dict[int, tuple[int, int]]:
    for each in answer.shares:
        assert each.numerator_definition
        assert each.denominator_definition
        assert each.source
    return {each.kind: (each.numerator_count, each.denominator_count) for each in answer.shares}


async def test_statistics_of_graduates_say_what_they_count_as_of_a_day(
    world: PracticeWorld,
) -> None:
    await world.step("ConfirmPlacement", await world.record())
    answer = await world.call("GetPlacementStatistics", BUREAU, **YEAR)
    assert answer.graduates_count == 1
    assert {each.destination: each.count for each in answer.destination_counts} == {
        Placement.DESTINATION_EMPLOYED: 1,
        **dict.fromkeys(range(2, 8), 0),
    }
    assert fractions(answer) == {
        Share.KIND_EMPLOYMENT: (1, 1),
        Share.KIND_DIRECT_EMPLOYMENT: (1, 1),
        Share.KIND_MATCHED_EMPLOYMENT: (1, 1),
        Share.KIND_FURTHER_STUDY: (0, 1),
        Share.KIND_DESTINATION_KNOWN: (1, 1),
    }
    assert answer.definition
    assert answer.at_date == Date(year=2023, month=9, day=2)
    before = YEAR | {"at_date": Date(year=2023, month=9, day=1)}
    answer = await world.call("GetPlacementStatistics", BUREAU, **before)
    assert fractions(answer)[Share.KIND_DESTINATION_KNOWN] == (0, 1)
    # A school is answered for itself, and a region for its schools.
    own = await world.call("GetPlacementStatistics", TEACHER, **YEAR)
    assert own.graduates_count == 1
    own = await world.call("GetPlacementStatistics", (made.BACK, "registrar"), **YEAR)
    assert own.graduates_count == 0
    for region, count in (("320000", 1), ("320500", 1), ("321300", 0)):
        answer = await world.call("GetPlacementStatistics", BUREAU, region_code=region, **YEAR)
        assert answer.graduates_count == count


async def test_statistics_of_cooperation_count_points_firms_and_pupils(
    world: PracticeWorld,
) -> None:
    await world.do("DeclareInternshipPoint", **point_fields(post="保安", major_codes=[]))
    answer = await world.call("GetCooperationStatistics", BUREAU, **YEAR)
    assert (answer.schools_count, answer.firms_count, answer.points_count) == (1, 1, 2)
    # The one pupil has graduated.
    assert (answer.pupils_count, answer.majors_count, answer.interns_count) == (0, 0, 0)
    assert fractions(answer) == {Share.KIND_MATCHED_POINTS: (1, 2)}
    spring = {
        "from_date": Date(year=2023, month=2, day=1),
        "to_date": Date(year=2023, month=4, day=1),
    }
    answer = await world.call("GetCooperationStatistics", BUREAU, **spring)
    assert (answer.pupils_count, answer.majors_count) == (1, 1)
    assert (await world.call("GetCooperationStatistics", STRANGER, **YEAR)).schools_count == 0
