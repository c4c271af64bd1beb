"""Events of enrollment and transfer: counted once each, and nothing personal is kept."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import pytest
from guantong.common.v1.event_pb2 import Change
from guantong.common.v1.sealed_pb2 import Sealed
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.transfer.v1.application_pb2 import Application, Mark

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.effects import ChangeUnreadable, Effects
from services.assistance.app import ENCODERS
from services.assistance.commands.create_indicators import CreateIndicator, create_indicators
from services.assistance.commands.create_pairings import create_pairings
from services.assistance.domain.indicator import Kind
from services.assistance.domain.pairing import Pairing
from services.assistance.edge.subscriptions import HANDLERS
from tests.assistance.commands.test_create_pairings import SCHOOLS
from tests.assistance.conftest import Desk
from tests.assistance.made import NOON

NAME = "王小明"
SEALED = b"\x01sealed-name-of-somebody"
PERSON = "7b0d9f7e-6c0c-7e2b-8a55-2f6f3c0a1b2c"


def application(**changes: Any) -> Application:
    fields: dict[str, Any] = {
        "name": f"applications/{uuid4()}",
        "version": 9,
        "state": Application.STATE_REGISTERED,
        "front_organisation": "organisations/siyang",
        "back_organisation": "organisations/szai",
        "person": f"persons/{PERSON}",
        "cohort_member": f"cohortMembers/{PERSON}",
        "display_name": NAME,
        "marks": [Mark(component_id="culture", mark_hundredths=8_431)],
        "sealed": Sealed(subject=PERSON, fields={"display_name": SEALED}),
    }
    return Application(**fields | changes)


def event(resource: Application | Organisation, event_type: str, position: int) -> Change:
    change = Change(
        event_id=str(uuid4()),
        source="transfer" if isinstance(resource, Application) else "enrollment",
        epoch="1",
        position=position,
        event_type=event_type,
        resource_name=resource.name,
        version=resource.version,
        resource_sha256=hashlib.sha256(resource.SerializeToString()).digest(),
        actor="user-szai-registrar",
        actor_organisation="szai",
    )
    change.resource.Pack(resource)
    change.business_time.FromDatetime(NOON)
    return change


async def hear(database: Database, *events: Change) -> list[str]:
    """Apply events of one source in one transaction, as the subscriber does with a batch."""
    source = events[0].source
    effects = Effects(
        service="assistance",
        source=source,
        handlers=HANDLERS[source],
        encoders=ENCODERS,
        clock=SystemClock(),
    )
    return await database.transact(lambda tx: effects.apply(tx, events))


@pytest.fixture
async def indicator_id(desk: Desk) -> UUID:
    (pairing,) = await desk.run(create_pairings, SCHOOLS)
    assert isinstance(pairing, Pairing)
    (indicator,) = await desk.run(
        create_indicators,
        CreateIndicator(pairing_id=pairing.id, kind=Kind.STUDENTS_REGISTERED, target=40),
    )
    assert not isinstance(indicator, Exception)
    return indicator.id


async def actual(desk: Desk) -> tuple[int, int]:
    (row,) = await desk.rows("SELECT actual, version FROM indicator")
    return row["actual"], row["version"]


@pytest.mark.usefixtures("indicator_id")
async def test_a_batch_with_duplicates_counts_each_application_once(desk: Desk) -> None:
    heard = [event(application(), "ApplicationRegistered", each) for each in range(1, 4)]
    written = await hear(desk.database, heard[0], heard[0], heard[1], heard[0])
    assert written == ["IndicatorCounted"] * 2
    assert await hear(desk.database, *heard) == ["IndicatorCounted"]
    assert await actual(desk) == (3, 4)
    rows = await desk.rows("SELECT event_id, position FROM evidence ORDER BY id")
    assert [(row["event_id"], row["position"]) for row in rows] == [
        (UUID(each.event_id), each.position) for each in heard
    ]


@pytest.mark.usefixtures("indicator_id")
async def test_a_registration_and_its_cancellation_in_one_batch_leave_nothing(desk: Desk) -> None:
    registered = application()
    gone = application(name=registered.name, version=10, state=Application.STATE_CANCELLED)
    await hear(
        desk.database,
        event(registered, "ApplicationRegistered", 1),
        event(gone, "ApplicationCancelled", 2),
    )
    assert await actual(desk) == (0, 3)
    (row,) = await desk.rows("SELECT event_type, withdrawn FROM evidence")
    assert row == {"event_type": "ApplicationRegistered", "withdrawn": True}


@pytest.mark.usefixtures("indicator_id")
async def test_the_copy_follows_an_application_that_is_diverted_after_its_cancellation(
    desk: Desk,
) -> None:
    registered = application()
    steps = [
        (registered, "ApplicationRegistered"),
        (
            application(name=registered.name, version=10, state=Application.STATE_CANCELLED),
            "ApplicationCancelled",
        ),
        (
            application(name=registered.name, version=11, state=Application.STATE_DIVERTED),
            "ApplicationDiverted",
        ),
    ]
    events = [event(each, name, position) for position, (each, name) in enumerate(steps, start=1)]
    await hear(desk.database, *events)
    (row,) = await desk.rows("SELECT version, sha256 FROM copy_application")
    assert row == {"version": 11, "sha256": events[-1].resource_sha256}
    assert await actual(desk) == (0, 3)


@pytest.mark.usefixtures("indicator_id")
async def test_a_change_that_an_event_causes_names_this_service_and_who_caused_it(
    desk: Desk,
) -> None:
    await hear(desk.database, event(application(), "ApplicationRegistered", 1))
    (row,) = await desk.rows("SELECT * FROM change WHERE event_type = 'IndicatorCounted'")
    assert (row["actor"], row["actor_organisation"]) == ("system:assistance", "szai")


async def test_an_organisation_is_copied_with_its_kind(desk: Desk) -> None:
    registered = Organisation(
        name="organisations/later",
        version=1,
        display_name="后来的学校",
        kind=Organisation.KIND_TECHNICIAN,
    )
    heard = event(registered, "OrganisationRegistered", 1)
    await hear(desk.database, heard, heard)
    (row,) = await desk.rows("SELECT * FROM copy_organisation WHERE id = 'later'")
    assert row == {
        "id": "later",
        "version": 1,
        "sha256": heard.resource_sha256,
        "display_name": "后来的学校",
        "kind": "TECHNICIAN",
    }


async def test_an_event_of_another_resource_is_no_application(desk: Desk) -> None:
    heard = event(application(), "ApplicationRegistered", 1)
    heard.resource.Pack(Organisation(name="organisations/szai"))
    with pytest.raises(ChangeUnreadable):
        await hear(desk.database, heard)
    assert await desk.rows("SELECT 1 FROM copy_application") == []


@pytest.mark.usefixtures("indicator_id")
async def test_nothing_personal_of_an_application_is_kept_in_clear_or_sealed(desk: Desk) -> None:
    await hear(desk.database, event(application(), "ApplicationRegistered", 1))
    tables = await desk.rows(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    assert len(tables) > 10
    stored = [
        row
        for table in tables
        for row in await desk.rows(f'SELECT "{table["name"]}"::text AS row FROM "{table["name"]}"')  # noqa: S608
    ]
    assert any("applications/" in row["row"] for row in stored)
    for row in stored:
        for secret in (
            NAME,
            SEALED.hex(),
            PERSON,
            PERSON.replace("-", ""),
            "8431",
            NAME.encode().hex(),
        ):
            assert secret not in row["row"]
