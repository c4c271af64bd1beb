"""The calls of cooperations as they are meant: answered, repeated, and who sees what."""

from typing import Any

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.changes_service_pb2 import ListChangesRequest
from guantong.enrollment.v1.changes_service_pb2_grpc import ChangesServiceStub
from guantong.enrollment.v1.cooperation_pb2 import Cooperation, CooperationPupil

from chassis.sequencer import Sequencer
from tests.enrollment import made
from tests.enrollment.cooperations import PAPER
from tests.enrollment.edge.cooperation_desk import (
    AGREEMENT,
    CASES,
    COLLEGE,
    ENTERPRISE,
    FIRM,
    MUTATIONS,
    NAME,
    PHONE,
    RIVAL,
    SCHOOL,
    Desk,
    make_desk,
    message,
    refused,
    target,
    today,
)
from tests.served import Served

Code = grpc.StatusCode


@pytest.fixture
async def desk(fresh_enrollment: Served) -> Desk:
    return await make_desk(fresh_enrollment)


@pytest.fixture(scope="module")
async def lasting(enrollment: Served) -> Desk:
    return await make_desk(enrollment)


@pytest.mark.parametrize("rpc", MUTATIONS)
async def test_a_repeated_request_repeats_the_answer_and_never_the_effect(
    desk: Desk, rpc: str
) -> None:
    request = desk.request(rpc)
    answer = await desk.call(rpc, request)
    after = await desk.world.snapshot()
    assert await desk.call(rpc, request) == answer
    assert await desk.world.snapshot() == after


async def test_a_cooperation_is_what_was_drafted_signed_and_started(lasting: Desk) -> None:
    found = lasting.running[Cooperation.KIND_APPRENTICESHIP]
    assert (found.state, found.version) == (Cooperation.STATE_IN_FORCE, 4)
    assert found.agreement == AGREEMENT
    assert [each.organisation for each in found.parties] == [SCHOOL, ENTERPRISE]
    assert all(each.signature_recorder == each.organisation for each in found.parties)
    assert found.in_force_periods[0].valid_from_date == today(lasting.world.service)
    assert found.drafting_organisation == SCHOOL
    for reader in (made.FRONT, FIRM):
        request = lasting.request("GetCooperation", name=found.name)
        assert await lasting.call("GetCooperation", request, party=reader) == found


async def test_a_school_records_what_an_enterprise_signed_on_paper(desk: Desk) -> None:
    request = desk.request("SignCooperation", enterprise=ENTERPRISE, paper_sha256=PAPER)
    signed = await desk.call("SignCooperation", request)
    (signature,) = [each for each in signed.parties if each.organisation == ENTERPRISE]
    assert (signature.signature_recorder, signature.signature_sha256) == (SCHOOL, PAPER)


async def test_a_grade_rises_and_its_history_is_kept(desk: Desk) -> None:
    request = desk.request("ChangeCooperationGrade")
    found = await desk.call("ChangeCooperationGrade", request)
    assert found.grade == Cooperation.GRADE_DEPARTMENT
    assert [each.grade for each in found.grades] == [Cooperation.GRADE_DEPARTMENT]
    enterprise = desk.request("ChangeCooperationGrade", **target(found), grade=1)
    code, details = await refused(desk, "ChangeCooperationGrade", enterprise, party=FIRM)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PARTY_NOT_ENTITLED")


async def test_a_consortium_has_bodies_and_members_that_come_and_go(desk: Desk) -> None:
    formed = await desk.call("FormCooperationBody", desk.request("FormCooperationBody"))
    assert [each.kind for each in formed.bodies] == [Cooperation.Body.KIND_COUNCIL]
    assert list(formed.bodies[0].members) == [SCHOOL, ENTERPRISE]
    request = desk.request("AddCooperationMember", **target(formed))
    grown = await desk.call("AddCooperationMember", request)
    assert (grown.holder, len(grown.parties)) == (f"organisations/{RIVAL}", 4)
    request = desk.request("RemoveCooperationMember", **target(grown))
    left = await desk.call("RemoveCooperationMember", request)
    (gone,) = [each for each in left.parties if each.organisation == COLLEGE]
    assert gone.leave_date == today(desk.world.service)


async def test_a_library_sums_up_its_contributors(desk: Desk) -> None:
    found = await desk.call("CountLibraryItems", desk.request("CountLibraryItems"))
    assert (found.item_count, found.use_count) == (80, 1_000)
    request = desk.request("CountLibraryItems", **target(found), item_count=20, use_count=0)
    found = await desk.call("CountLibraryItems", request, party=FIRM)
    assert (found.item_count, found.use_count, len(found.contributions)) == (100, 1_000, 2)


async def test_a_pupil_is_off_the_roster_with_the_cooperation(desk: Desk) -> None:
    await desk.call("EndCooperation", desk.request("EndCooperation"))
    found = await desk.call("GetCooperationPupil", desk.request("GetCooperationPupil"))
    assert (found.state, found.leave_reason) == (CooperationPupil.STATE_LEFT, "")


async def test_why_a_pupil_left_is_opened_for_the_own_school_alone(desk: Desk) -> None:
    left = await desk.call("RemoveCooperationPupil", desk.request("RemoveCooperationPupil"))
    assert left.leave_reason == "转岗"
    request = desk.request("GetCooperationPupil")
    for reader, role, reason in (
        (made.FRONT, "agent", "转岗"),
        ("szedu", "bureau_officer", ""),
    ):
        found = await desk.call("GetCooperationPupil", request, party=reader, role=role)
        assert found.leave_reason == reason
        assert not found.HasField("sealed")
    assert "转岗" not in str(await desk.world.snapshot())


async def test_an_enterprise_reads_no_pupil_without_consent(lasting: Desk) -> None:
    request = lasting.request("GetCooperationPupil")
    code, details = await refused(lasting, "GetCooperationPupil", request, party=FIRM)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
    listed = await lasting.call(
        "ListCooperationPupils", message("ListCooperationPupils"), party=FIRM
    )
    assert not listed.ListFields()


async def test_the_feed_tells_an_enterprise_of_cooperations_and_of_no_pupil(lasting: Desk) -> None:
    service = lasting.world.service
    await Sequencer(service.base.database).number()
    found = {}
    for reader in (made.FRONT, FIRM):
        answer = await ChangesServiceStub(service.channel).ListChanges(
            ListChangesRequest(
                resource_types=["cooperations", "cooperationPupils"], page_size=1000
            ),
            metadata=service.token(reader, "agent"),
        )
        found[reader] = {each.event_type for each in answer.changes}
    assert "CooperationPupilJoined" in found[made.FRONT]
    assert "CooperationPupilJoined" not in found[FIRM]
    assert "CooperationStarted" in found[FIRM]


@pytest.mark.parametrize(
    ("reader", "role", "name"),
    [
        (made.FRONT, "agent", NAME),
        (FIRM, "agent", NAME),
        ("szedu", "bureau_officer", ""),
        ("suite", "system", ""),
    ],
)
async def test_a_head_is_opened_for_the_parties_only(
    lasting: Desk, reader: str, role: str, name: str
) -> None:
    request = lasting.request("GetCooperationHead")
    head = await lasting.call("GetCooperationHead", request, party=reader, role=role)
    assert (head.display_name, head.phone) == (name, PHONE if name else "")
    assert head.HasField("sealed") is (role == "system")


async def test_nobody_who_heads_is_stored_in_clear(lasting: Desk) -> None:
    stored = str(await lasting.world.snapshot())
    assert NAME not in stored
    assert PHONE not in stored


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"kind": Cooperation.KIND_NAMED_CLASS}, 1),
        ({"kind": Cooperation.KIND_ORDER_CLASS}, 3),
        ({"state": Cooperation.STATE_DRAFTED}, 1),
        ({"state": Cooperation.STATE_SUSPENDED}, 1),
        ({"party": ENTERPRISE}, 9),
        ({"party": COLLEGE}, 2),
        ({"region_code": "320000"}, 10),
        ({"region_code": "110000"}, 0),
        ({"in_force_date": Date(year=2023, month=1, day=1)}, 0),
        ({"holder": SCHOOL}, 2),
        ({"holder": ENTERPRISE}, 0),
    ],
)
async def test_cooperations_are_filtered(
    lasting: Desk, filters: dict[str, Any], count: int
) -> None:
    answer = await lasting.call("ListCooperations", message("ListCooperations", **filters))
    assert len(answer.cooperations) == count


async def test_those_in_force_today_are_listed_page_by_page(lasting: Desk) -> None:
    names: list[str] = []
    token, pages = "", 0
    while pages == 0 or token:
        request = message(
            "ListCooperations",
            in_force_date=today(lasting.world.service),
            page_size=3,
            page_token=token,
        )
        answer = await lasting.call("ListCooperations", request)
        names += [each.name for each in answer.cooperations]
        token, pages = answer.next_page_token, pages + 1
    # Suspended on the day on which it began: in force on no day.
    assert names == [each.name for each in lasting.running.values()]
    assert pages == 3


async def test_what_is_in_force_is_counted_by_kind(lasting: Desk) -> None:
    answer = await lasting.call("CountCooperations", lasting.request("CountCooperations"))
    lines = {each.kind: each for each in answer.lines}
    assert lines.keys() == CASES.keys()
    named = lines[Cooperation.KIND_NAMED_CLASS]
    counts = (named.cooperations_count, named.schools_count, named.enterprises_count)
    assert (*counts, named.agreed_students_count, named.pupils_count) == (1, 1, 1, 2, 1)
    assert lines[Cooperation.KIND_ENTERPRISE_COLLEGE].grade == Cooperation.GRADE_MAJOR
    request = lasting.request("CountCooperations", kind=Cooperation.KIND_COMMUNITY)
    for reader in (FIRM, made.BACK):
        (line,) = (await lasting.call("CountCooperations", request, party=reader)).lines
        assert (line.schools_count, line.enterprises_count) == (2, 1)
