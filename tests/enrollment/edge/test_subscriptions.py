"""The transfer's events: what each does here, and that hearing it again does nothing more."""

import pytest
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from chassis.effects import ChangeUnreadable
from chassis.errors import FieldsInvalid
from services.enrollment.edge.subscriptions import HANDLERS
from tests.enrollment.edge.world import TRACEPARENT, World, hear, make_world, transfer_event
from tests.served import Served


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


async def registration(world: World) -> BackStageRegistration:
    request = world.request("GetBackStageRegistration")
    found: BackStageRegistration = await world.call("GetBackStageRegistration", request)
    return found


def test_only_the_events_of_the_saga_are_heard() -> None:
    assert {source: set(handlers) for source, handlers in HANDLERS.items()} == {
        "transfer": {"ApplicationArrived", "ApplicationCancelled", "PlaceForfeited"}
    }


async def test_an_arrival_is_heard_once(world: World) -> None:
    assert world.registration.state == BackStageRegistration.STATE_REFUSED
    again = transfer_event("ApplicationArrived", world.member, name=world.registration.application)
    before = await world.snapshot()
    await hear(world.service, again, again)
    assert await world.snapshot() == before


async def test_the_change_carries_who_caused_it(world: World) -> None:
    rows = await world.service.rows("change")
    (row,) = [each for each in rows if each["event_type"] == "BackStageRefused"]
    assert (row["actor"], row["actor_organisation"]) == ("system:enrollment", "szai")
    assert row["traceparent"] == TRACEPARENT
    assert row["audience"] == ["siyang", "szai"]


async def test_a_cancellation_ends_the_back_stage_on_the_day_in_china(world: World) -> None:
    await world.call("GraduateStatusRecord", world.request("GraduateStatusRecord"))
    registered = await registration(world)
    cancelled = transfer_event(
        "ApplicationCancelled", world.member, name=world.registration.application
    )
    await hear(world.service, cancelled)
    ended = await registration(world)
    assert (ended.state, ended.version) == (BackStageRegistration.STATE_ENDED, 3)
    record = await world.call(
        "GetStatusRecord", world.request("GetStatusRecord", name=registered.status_record)
    )
    assert (record.state, record.status_code) == (StatusRecord.STATE_ENDED, "99")
    # 20:00 in Greenwich is the next day in China.
    assert (record.valid_to_date.month, record.valid_to_date.day) == (11, 20)
    before = await world.snapshot()
    await hear(world.service, cancelled)
    assert await world.snapshot() == before


async def test_an_event_that_cannot_be_read_is_refused(world: World) -> None:
    event = transfer_event("ApplicationArrived", world.member, person="somebody")
    with pytest.raises(FieldsInvalid):
        await hear(world.service, event)
    event.resource.Pack(world.member)
    with pytest.raises(ChangeUnreadable):
        await hear(world.service, event)
