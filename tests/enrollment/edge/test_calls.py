"""Each RPC as it is meant: the answer, its change rows, its repetition, and who sees what."""

from typing import Any

import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.changes_service_pb2 import ListChangesRequest
from guantong.enrollment.v1.changes_service_pb2_grpc import ChangesServiceStub
from guantong.enrollment.v1.cohort_pb2 import Cohort, CohortMember
from guantong.enrollment.v1.major_pb2 import Major
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.person_pb2 import Person
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from chassis.sequencer import Sequencer
from tests.enrollment import made
from tests.enrollment.edge.world import (
    ADMISSION_NUMBER,
    GETS,
    LISTS,
    MUTATIONS,
    NAME,
    World,
    make_world,
)
from tests.served import Served

PERSONAL = {"GetCohortMember", "GetPerson"}
PUBLIC = {"ListOrganisations", "ListMajors", "ListPathwayProjects", "ListIntakeWarnings"}
SEES_ALL = [("suite", "administrator"), ("szedu", "bureau_officer"), ("audit", "auditor")]


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


@pytest.mark.parametrize("rpc", MUTATIONS)
async def test_a_repeated_request_repeats_the_answer_and_never_the_effect(
    world: World, rpc: str
) -> None:
    request = world.request(rpc)
    answer = await world.call(rpc, request)
    after = await world.snapshot()
    assert await world.call(rpc, request) == answer
    assert await world.snapshot() == after


async def test_an_organisation_is_as_it_was_registered(world: World) -> None:
    request = world.request(
        "CreateOrganisation",
        raw_names=["沐阳中等专业学校"],
        english_name="Changshu Institute of Technology",
        uscc="12320500MB00000090",
        school_code="4132010333",
        display_name=" 常熟理工学院 ",
    )
    answer = await world.call("CreateOrganisation", request)
    assert (answer.name, answer.version, answer.etag) == ("organisations/cslg", 1, '"1"')
    assert answer.display_name == "常熟理工学院"
    assert list(answer.raw_names) == ["沐阳中等专业学校"]
    got = await world.call("GetOrganisation", world.request("GetOrganisation", name=answer.name))
    assert got == answer


async def test_a_project_is_declared_and_approved(world: World) -> None:
    answer = await world.call("DeclarePathwayProject", world.request("DeclarePathwayProject"))
    assert answer.state == PathwayProject.STATE_DECLARED
    assert (answer.front_level, answer.back_level) == (
        PathwayProject.LEVEL_SECONDARY_VOCATIONAL,
        PathwayProject.LEVEL_HIGHER_VOCATIONAL,
    )
    assert (answer.front_years, answer.back_years, answer.transfer_year) == (3, 3, 2026)
    request = world.request("ApprovePathwayProject", name=answer.name, etag=answer.etag)
    approved = await world.call("ApprovePathwayProject", request)
    assert (approved.state, approved.version) == (PathwayProject.STATE_APPROVED, 2)
    assert approved.approval_document_number == "苏教职函〔2021〕20号"


async def test_a_project_recruits_runs_is_stopped_and_closed(world: World) -> None:
    assert world.project.state == PathwayProject.STATE_RECRUITING
    await world.call("FreezeCohort", world.request("FreezeCohort"))
    running = await world.call("GetPathwayProject", world.request("GetPathwayProject"))
    assert running.state == PathwayProject.STATE_RUNNING
    request = world.request("StopPathwayProject", name=running.name, etag=running.etag)
    stopped = await world.call("StopPathwayProject", request)
    assert (stopped.state, stopped.stop_reason) == (PathwayProject.STATE_STOPPED, "停止招生")
    closed = await world.call("ClosePathwayProject", world.request("ClosePathwayProject"))
    assert (closed.state, closed.version) == (PathwayProject.STATE_CLOSED, 4)


async def test_a_large_intake_is_warned_of_in_the_answer_and_in_a_list(world: World) -> None:
    (warning,) = world.large.warnings
    assert (warning.planned_intake, warning.intake_max, warning.cut_from_year) == (501, 500, 2023)
    answer = await world.call("ListIntakeWarnings", world.request("ListIntakeWarnings"))
    assert list(answer.intake_warnings) == [warning]


async def test_a_stage_is_arranged_without_a_transfer(world: World) -> None:
    arranged = {"front_internship_arrangement": 1, "back_internship_arrangement": 3}
    request = world.request("DeclarePathwayProject", **arranged)
    answer = await world.call("DeclarePathwayProject", request)
    assert answer.transfer_year == 2026
    assert (answer.front_internship_arrangement, answer.back_internship_arrangement) == (1, 3)


async def test_a_cohort_is_opened_filled_and_frozen(world: World) -> None:
    assert (world.cohort.state, world.cohort.plan) == (Cohort.STATE_OPEN, 2)
    frozen = await world.call("FreezeCohort", world.request("FreezeCohort"))
    assert (frozen.state, frozen.version) == (Cohort.STATE_FROZEN, 2)
    assert frozen.freeze_time.ToDatetime().year == 2023
    read = await world.call("GetCohort", world.request("GetCohort"))
    assert (read.enrolled_count, read.active_count) == (1, 1)


async def test_a_vacated_place_counts_as_enrolled(world: World) -> None:
    removed = await world.call("RemoveCohortMember", world.request("RemoveCohortMember"))
    assert (removed.state, removed.left_reason) == (CohortMember.STATE_LEFT, "转专业")
    read = await world.call("GetCohort", world.request("GetCohort"))
    assert (read.enrolled_count, read.active_count) == (1, 0)


async def test_a_graduation_unblocks_the_arrival_that_waits(world: World) -> None:
    assert world.registration.state == BackStageRegistration.STATE_REFUSED
    assert (
        world.registration.blocking_reason
        == BackStageRegistration.BLOCKING_REASON_FRONT_STAGE_NOT_GRADUATED
    )
    record = await world.call("GraduateStatusRecord", world.request("GraduateStatusRecord"))
    assert (record.state, record.status_code) == (StatusRecord.STATE_GRADUATED, "07")
    assert record.graduate_date == Date(year=2023, month=6, day=30)
    registration = await world.call(
        "GetBackStageRegistration", world.request("GetBackStageRegistration")
    )
    assert registration.state == BackStageRegistration.STATE_REGISTERED
    back = await world.call(
        "GetStatusRecord", world.request("GetStatusRecord", name=registration.status_record)
    )
    assert (back.stage, back.organisation) == (StatusRecord.STAGE_BACK, "organisations/szai")
    assert back.application == registration.application
    member = await world.call("GetCohortMember", world.request("GetCohortMember"))
    assert member.state == CohortMember.STATE_GRADUATED


@pytest.mark.parametrize("party", [made.FRONT, made.BACK])
async def test_names_are_opened_for_both_schools(world: World, party: str) -> None:
    assert (world.member.display_name, world.member.admission_number) == (NAME, ADMISSION_NUMBER)
    member = await world.call("GetCohortMember", world.request("GetCohortMember"), party)
    assert (member.display_name, member.admission_number) == (NAME, ADMISSION_NUMBER)
    person = await world.call("GetPerson", world.request("GetPerson"), party)
    assert person.display_name == NAME
    assert person.masked_id_number == "321323***********" + made.id_number(77)[-1]
    assert (person.birth_year, person.sex_code) == (2005, "1")
    listed = await world.call("ListCohortMembers", world.request("ListCohortMembers"), party)
    assert [each.display_name for each in listed.cohort_members] == [NAME]
    persons = await world.call("ListPersons", world.request("ListPersons"), party)
    assert [each.display_name for each in persons.persons] == [NAME]
    assert not member.HasField("sealed")
    assert not person.HasField("sealed")


@pytest.mark.parametrize(("party", "role"), SEES_ALL)
async def test_who_oversees_sees_records_but_no_names(world: World, party: str, role: str) -> None:
    for rpc in GETS:
        answer = await world.call(rpc, world.request(rpc), party, role)
        if rpc in PERSONAL:
            assert answer.display_name == ""
            assert not answer.HasField("sealed")
    for rpc in LISTS:
        assert items(await world.call(rpc, world.request(rpc), party, role))


async def test_a_system_gets_values_sealed(world: World) -> None:
    for rpc in PERSONAL:
        answer = await world.call(rpc, world.request(rpc), "suite", "system")
        assert answer.display_name == ""
        assert answer.sealed.fields["display_name"]


async def test_an_agent_reads_for_its_school_only(world: World) -> None:
    member = await world.call(
        "GetCohortMember", world.request("GetCohortMember"), made.BACK, "agent"
    )
    assert member.display_name == NAME
    for rpc in LISTS:
        answer = await world.call(rpc, world.request(rpc), made.STRANGER, "agent")
        assert bool(items(answer)) is (rpc in PUBLIC)


@pytest.mark.parametrize(
    ("party", "role", "names"),
    [
        (made.FRONT, "agent", [NAME]),
        (made.BACK, "agent", [NAME]),
        (made.STRANGER, "agent", []),
        ("suite", "administrator", [""]),
    ],
)
async def test_the_feed_opens_names_for_the_schools_only(
    world: World, party: str, role: str, names: list[str]
) -> None:
    await Sequencer(world.service.base.database).number()
    stub = ChangesServiceStub(world.service.channel)
    answer = await stub.ListChanges(
        ListChangesRequest(resource_types=["persons", "cohortMembers"]),
        metadata=world.service.token(party, role),
    )
    found: dict[str, list[str]] = {"PersonRegistered": [], "MemberEnrolled": []}
    for change in answer.changes:
        resource: Any = Person() if change.event_type == "PersonRegistered" else CohortMember()
        assert change.resource.Unpack(resource)
        found[change.event_type].append(resource.display_name)
    assert found == {"PersonRegistered": names, "MemberEnrolled": names}


@pytest.mark.parametrize(
    ("rpc", "filters", "count"),
    [
        ("ListOrganisations", {"kind": 2}, 2),
        ("ListOrganisations", {"region_code": "320600"}, 0),
        ("ListOrganisations", {"name_contains": "学校 ＳＩ"}, 1),
        ("ListOrganisations", {"name_contains": "%"}, 4),
        ("ListOrganisations", {"state": Organisation.STATE_BLOCKED}, 1),
        ("ListOrganisations", {"at_date": Date(year=2023, month=1, day=1)}, 4),
        ("ListOrganisations", {"reports_to": "organisations/szai"}, 0),
        ("ListMajors", {"name_contains": "食品"}, 1),
        ("ListMajors", {"level": Major.LEVEL_HIGHER_VOCATIONAL}, 0),
        ("ListMajors", {"catalogue_year": 2021, "code": "690101"}, 1),
        ("ListMajors", {"at_date": Date(year=2020, month=12, day=31)}, 0),
        ("ListPathwayProjects", {"state": PathwayProject.STATE_APPROVED}, 2),
        ("ListIntakeWarnings", {"approval_year": 2023}, 0),
        ("ListPathwayProjects", {"approval_year": 2021}, 1),
        ("ListCohortMembers", {"state": CohortMember.STATE_LEFT}, 0),
        ("ListCohortMembers", {"at_date": Date(year=2020, month=8, day=31)}, 0),
        ("ListCohortMembers", {"at_date": Date(year=2020, month=9, day=1)}, 1),
        ("ListCohortMembers", {"class_name": made.CLASSES[1]}, 0),
        ("ListCohortMembers", {"left_from_date": Date(year=2020, month=9, day=1)}, 0),
        ("ListProjectSheets", {"approval_year": 2020}, 1),
        ("ListProjectSheets", {"back_organisation": f"organisations/{made.FRONT}"}, 0),
        ("ListProjectSheets", {"front_major_code": "690101"}, 5),
        ("ListHeadcounts", {"region_prefix": "3205"}, 1),
        ("ListHeadcounts", {"region_prefix": "3206"}, 0),
        ("ListHeadcounts", {"major_code": "690102"}, 0),
        ("ListHeadcounts", {"at_date": Date(year=2020, month=8, day=31)}, 0),
        ("ListStatusRecords", {"state": StatusRecord.STATE_GRADUATED}, 0),
        ("ListStatusRecords", {"major_code": "690101", "level": 1}, 1),
        ("ListStatusRecords", {"at_date": Date(year=2020, month=8, day=31)}, 0),
        ("ListStatusRecords", {"organisation": "organisations/szai"}, 0),
        ("ListStatusRecords", {"organisation": "organisations/siyang"}, 1),
        ("ListBackStageRegistrations", {"state": BackStageRegistration.STATE_REFUSED}, 1),
    ],
)
async def test_lists_are_filtered(
    world: World, rpc: str, filters: dict[str, Any], count: int
) -> None:
    assert len(items(await world.call(rpc, world.request(rpc, **filters)))) == count


async def test_lists_come_page_by_page_in_order_of_creation(world: World) -> None:
    names: list[str] = []
    token = ""
    for _ in range(4):
        request = world.request("ListOrganisations", page_size=1, page_token=token)
        page = await world.call("ListOrganisations", request)
        names += [each.name for each in page.organisations]
        token = page.next_page_token
    expected = (made.FRONT, made.BACK, made.STRANGER, "zone")
    assert names == [f"organisations/{each}" for each in expected]
    assert token == ""


async def test_the_demonstration_clock_moves_for_the_administrator(world: World) -> None:
    request = world.request("AdvanceClock")
    moved = await world.call("AdvanceClock", request)
    assert moved.business_time == request.business_time
    assert await world.call("GetClock", world.request("GetClock"), made.STRANGER, "agent") == moved


def items(answer: Any) -> list[Any]:
    """Return what a list answered, whatever it is called."""
    (field,) = (each for each in answer.DESCRIPTOR.fields if each.is_repeated)
    return list(getattr(answer, field.name))
