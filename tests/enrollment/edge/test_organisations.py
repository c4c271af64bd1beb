"""Organisations through their changes: found by former names, blocked, ended, stood in for."""

from typing import Any

import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from guantong.enrollment.v1.cohort_pb2 import CohortMember
from guantong.enrollment.v1.cohort_service_pb2_grpc import CohortServiceStub
from guantong.enrollment.v1.organisation_pb2 import Organisation

from tests.enrollment import made
from tests.enrollment.edge.world import NAME, World, make_world, refused
from tests.served import Served, details_of

Code = grpc.StatusCode
FRONT = f"organisations/{made.FRONT}"
BACK = f"organisations/{made.BACK}"
STRANGER = f"organisations/{made.STRANGER}"


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


def day(text: str) -> Date:
    year, month, on = map(int, text.split("-"))
    return Date(year=year, month=month, day=on)


async def change(world: World, rpc: str, **fields: Any) -> Organisation:
    """Call a change of the front school at its present version."""
    present = await world.call("GetOrganisation", world.request("GetOrganisation"))
    answer = await world.call(rpc, world.request(rpc, etag=present.etag, **fields))
    assert isinstance(answer, Organisation)
    return answer


async def names_found(world: World, **filters: Any) -> list[str]:
    request = world.request("ListOrganisations", **filters)
    found = await world.call("ListOrganisations", request)
    return [each.name for each in found.organisations]


async def move_clock(world: World, text: str) -> None:
    """Make it noon of a day in Shanghai."""
    instant = Timestamp()
    instant.FromJsonString(f"{text}T04:00:00Z")
    await world.call("AdvanceClock", world.request("AdvanceClock", business_time=instant))


async def test_an_organisation_is_found_by_what_it_was_called_and_is_called(world: World) -> None:
    renamed = await change(world, "RenameOrganisation")
    assert renamed.display_name == "江苏省泗阳中等专业学校"
    assert [(each.text, each.kind) for each in renamed.names] == [
        ("江苏省泗阳中等专业学校", Organisation.DatedName.KIND_REGISTERED),
        (f"学校{made.FRONT}", Organisation.DatedName.KIND_REGISTERED),
    ]
    assert renamed.names[1].valid_to_date == day("2022-08-31")
    await change(world, "AddOrganisationAlias")
    for name in ("学校 siyang", "江苏省泗阳", "泗阳中专"):
        assert await names_found(world, name_contains=name) == [FRONT]


async def test_an_organisation_moves_and_reports_to_several(world: World) -> None:
    moved = await change(world, "RelocateOrganisation")
    assert (moved.region_code, moved.zone) == ("321323", "organisations/zone")
    assert [each.region_code for each in moved.regions] == ["321323", "320500"]
    superiors = [BACK, STRANGER]
    assert list((await change(world, "ReassignOrganisation", reports_to=superiors)).reports_to) == (
        superiors
    )
    assert await names_found(world, reports_to=STRANGER) == [FRONT]


async def test_a_retired_region_code_is_right_for_its_time(world: World) -> None:
    request = world.request(
        "CreateOrganisation",
        kind=Organisation.KIND_SECONDARY_VOCATIONAL,
        region_code="320825",
        region_date=day("1995-09-01"),
        school_code="3632012345",
    )
    made_up = await world.call("CreateOrganisation", request)
    assert made_up.region_code == "320825"
    assert made_up.higher_education_code == ""


async def test_a_college_shows_its_national_code(world: World) -> None:
    request = world.request("CreateOrganisation", school_code="4132010333")
    assert (await world.call("CreateOrganisation", request)).higher_education_code == "10333"


BLOCKED_CALLS = ["DeclarePathwayProject", "OpenCohort", "EnrollCohortMember", "FreezeCohort"]


@pytest.mark.parametrize("rpc", BLOCKED_CALLS)
async def test_a_blocked_organisation_does_nothing_until_it_is_unblocked(
    world: World, rpc: str
) -> None:
    blocked = await change(world, "BlockOrganisation")
    assert blocked.state == Organisation.STATE_BLOCKED
    code, details = await refused(world, rpc, world.request(rpc))
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "ORGANISATION_BLOCKED")
    assert details["metadata"] == {"name": FRONT}
    await change(world, "UnblockOrganisation", name=FRONT)
    await world.call(rpc, world.request(rpc))


async def test_an_organisation_that_will_end_acts_until_then(world: World) -> None:
    merged = await change(world, "MergeOrganisation", successor=STRANGER)
    assert (merged.state, merged.end_kind) == (
        Organisation.STATE_ENDED,
        Organisation.END_KIND_MERGED,
    )
    assert merged.successors[0].organisation == STRANGER
    await world.call("EnrollCohortMember", world.request("EnrollCohortMember"))
    await move_clock(world, "2023-07-01")
    for rpc in ("OpenCohort", "DeclarePathwayProject", "FreezeCohort"):
        code, details = await refused(world, rpc, world.request(rpc))
        assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "ORGANISATION_ENDED")
        assert details["metadata"]["successors"] == STRANGER
    there = {"at_date": day("2023-06-30")}
    assert FRONT in await names_found(world, **there)
    assert FRONT not in await names_found(world, at_date=day("2023-07-01"))


@pytest.mark.parametrize(
    ("at", "major_code", "holder"),
    [
        ("2023-06-30", "690101", FRONT),
        ("2023-07-01", "690101", BACK),
        ("2023-07-01", "740101", FRONT),
        ("2024-07-01", "740101", STRANGER),
        ("2024-07-01", "690101", BACK),
        ("2024-07-01", "", STRANGER),
    ],
)
async def test_it_is_said_who_answers_for_records_on_a_date(
    world: World, at: str, major_code: str, holder: str
) -> None:
    await change(world, "SplitOrganisation")
    await change(world, "MergeOrganisation", successor=STRANGER, effective_date=day("2024-07-01"))
    request = world.request("ResolveSuccessor", at_date=day(at), major_code=major_code)
    assert (await world.call("ResolveSuccessor", request)).name == holder


async def test_an_organisation_that_is_to_take_over_another_does_not_end_before(
    world: World,
) -> None:
    await change(world, "MergeOrganisation", successor=STRANGER)
    request = world.request("CloseOrganisation", name=STRANGER, etag='"1"', keeper=BACK)
    code, details = await refused(world, "CloseOrganisation", request)
    assert (code, details["reason"]) == (
        Code.FAILED_PRECONDITION,
        "ORGANISATION_TAKES_OVER_LATER",
    )


class TestStandingIn:
    """The front school is merged into a third one, which goes on with its records."""

    @pytest.fixture
    async def merged(self, world: World) -> World:
        await change(world, "MergeOrganisation", successor=STRANGER)
        await move_clock(world, "2023-09-01")
        return world

    async def test_the_successor_reads_and_goes_on_with_the_records(self, merged: World) -> None:
        stub = CohortServiceStub(merged.service.channel)
        member = await stub.GetCohortMember(
            merged.request("GetCohortMember"), metadata=acting(merged, made.STRANGER, made.FRONT)
        )
        assert member.display_name == NAME
        removed = await stub.RemoveCohortMember(
            merged.request("RemoveCohortMember"),
            metadata=acting(merged, made.STRANGER, made.FRONT),
        )
        assert removed.state == CohortMember.STATE_LEFT
        # History says who did it, and the record whose it was.
        changes = await merged.service.rows("change")
        assert changes[-1]["actor_organisation"] == made.STRANGER
        assert removed.front_organisation == FRONT

    async def test_the_successor_records_nothing_new_of_it(self, merged: World) -> None:
        stub = CohortServiceStub(merged.service.channel)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.EnrollCohortMember(
                merged.request("EnrollCohortMember"),
                metadata=acting(merged, made.STRANGER, made.FRONT),
            )
        assert details_of(raised.value)["reason"] == "ORGANISATION_ENDED"

    @pytest.mark.parametrize(
        ("caller", "acting_for"),
        [(made.BACK, made.FRONT), (made.STRANGER, made.BACK), (made.FRONT, made.STRANGER)],
    )
    async def test_nobody_else_stands_in(self, merged: World, caller: str, acting_for: str) -> None:
        stub = CohortServiceStub(merged.service.channel)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.GetCohortMember(
                merged.request("GetCohortMember"), metadata=acting(merged, caller, acting_for)
            )
        assert raised.value.code() is Code.PERMISSION_DENIED
        assert details_of(raised.value)["reason"] == "NOT_STAND_IN"

    async def test_without_saying_so_the_successor_is_a_stranger(self, merged: World) -> None:
        request = merged.request("GetCohortMember")
        code, _ = await refused(merged, "GetCohortMember", request, made.STRANGER)
        assert code is Code.NOT_FOUND


async def test_a_successor_does_not_stand_in_before_its_day(world: World) -> None:
    await change(world, "MergeOrganisation", successor=STRANGER)
    stub = CohortServiceStub(world.service.channel)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.GetCohortMember(
            world.request("GetCohortMember"), metadata=acting(world, made.STRANGER, made.FRONT)
        )
    assert details_of(raised.value)["reason"] == "NOT_STAND_IN"


def acting(world: World, organisation: str, acting_for: str) -> list[tuple[str, str]]:
    """Return the metadata of a registrar who acts for another organisation."""
    return [*world.service.token(organisation, "registrar"), ("x-acting-for", acting_for)]
