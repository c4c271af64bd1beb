"""Enrollment's events: what each does here, and that hearing it again does nothing more."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message
from guantong.common.v1.event_pb2 import Change
from guantong.common.v1.sealed_pb2 import Sealed
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.cohort_pb2 import CohortMember
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject

from chassis.effects import ChangeUnreadable, Effects
from chassis.errors import FieldsInvalid
from services.enrollment.domain.events import Event
from services.transfer import app
from services.transfer.commands.draft_transfer_batches import (
    DraftTransferBatch,
    draft_transfer_batches,
)
from services.transfer.commands.record_arrivals import RecordArrival, record_arrivals
from services.transfer.edge.subscriptions import HANDLERS
from tests.served import Served
from tests.transfer.aggregates import BACK, DEADLINE, FRONT, SCHEME
from tests.transfer.desk import TRACE, Desk, at, reasons
from tests.transfer.way import Way

PROJECT = "pathwayProjects/00000000-0000-7000-8000-000000000001"
MEMBER = "cohortMembers/00000000-0000-7000-8000-000000000002"
PERSON = "persons/00000000-0000-7000-8000-000000000003"

# The resources of which copies are kept; each of their events brings a new version.
COPIED = ("Organisation", "PathwayProject", "Member")


def event(event_type: str, resource: Any, *, version: int = 1, sha256: bytes = bytes(32)) -> Change:
    change = Change(
        event_id=str(uuid4()),
        source="enrollment",
        event_type=event_type,
        resource_name=resource.name,
        version=version,
        resource_sha256=sha256,
        actor="user-siyang-registrar",
        actor_organisation=FRONT,
        traceparent=TRACE,
    )
    change.resource.Pack(resource)
    return change


def project(state: Any = PathwayProject.STATE_APPROVED, **changes: Any) -> PathwayProject:
    fields = {
        "name": PROJECT,
        "front_organisation": f"organisations/{FRONT}",
        "back_organisation": f"organisations/{BACK}",
        "back_plan": 40,
        "transfer_year": 2023,
        "state": state,
    }
    return PathwayProject(**fields | changes)


def member(state: Any = CohortMember.STATE_ACTIVE) -> CohortMember:
    return CohortMember(
        name=MEMBER,
        state=state,
        pathway_project=PROJECT,
        person=PERSON,
        birth_year=2004,
        sealed=Sealed(
            subject=PERSON.partition("/")[2],
            fields={"display_name": b"sealed name", "id_number": b"sealed number"},
        ),
    )


async def hear(service: Served, *events: Change) -> None:
    """Apply events in one transaction, as the subscriber does with a batch."""
    effects = Effects(
        service="transfer",
        source="enrollment",
        handlers=HANDLERS["enrollment"],
        encoders=app.ENCODERS,
        clock=service.clock,
    )
    await service.base.database.transact(lambda tx: effects.apply(tx, events))


async def test_a_project_is_copied_when_declared_and_again_when_approved(
    transfer: Served,
) -> None:
    desk = Desk(transfer.base.database)
    declared = event("PathwayProjectDeclared", project(PathwayProject.STATE_DECLARED))
    approved = event("PathwayProjectApproved", project(back_plan=50), version=2)
    await hear(transfer, declared)
    item = DraftTransferBatch(project_id=UUID(PROJECT.partition("/")[2]), quota=50, scheme=SCHEME)
    assert reasons(await desk.many(draft_transfer_batches, item, party=BACK)) == [
        "PATHWAY_PROJECT_NOT_APPROVED"
    ]
    # In any order and any number of times.
    await hear(transfer, approved, declared, approved)
    (row,) = await transfer.rows("copy_pathway_project")
    assert (row["state"], row["version"], row["back_plan"]) == ("APPROVED", 2, 50)
    assert (row["front"], row["back"], row["transfer_year"]) == (FRONT, BACK, 2023)
    assert reasons(await desk.many(draft_transfer_batches, item, party=BACK)) == ["DRAFT"]


async def test_a_member_is_copied_with_the_name_alone_and_as_sealed_as_it_came(
    transfer: Served,
) -> None:
    await hear(transfer, event("MemberEnrolled", member()))
    (row,) = await transfer.rows("copy_cohort_member")
    assert row["sealed_display_name"] == b"sealed name"
    assert (row["state"], row["birth_year"]) == ("ACTIVE", 2004)
    assert str(row["person_id"]) == PERSON.partition("/")[2]
    assert b"sealed number" not in b"".join(
        value for value in row.values() if isinstance(value, bytes)
    )


@pytest.mark.parametrize(
    ("event_type", "state", "kept"),
    [
        ("MemberGraduated", CohortMember.STATE_GRADUATED, "GRADUATED"),
        ("MemberRemoved", CohortMember.STATE_LEFT, "LEFT"),
    ],
)
async def test_a_member_who_graduates_or_leaves_is_known_as_that(
    transfer: Served, event_type: str, state: Any, kept: str
) -> None:
    enrolled, later = event("MemberEnrolled", member()), event(event_type, member(state), version=2)
    await hear(transfer, enrolled, later, enrolled)
    (row,) = await transfer.rows("copy_cohort_member")
    assert (row["state"], row["version"]) == (kept, 2)


async def test_an_organisation_is_copied(transfer: Served) -> None:
    organisation = Organisation(
        name="organisations/siyang",
        display_name="泗阳中专",
        kind=Organisation.KIND_SECONDARY_VOCATIONAL,
    )
    await hear(transfer, event("OrganisationRegistered", organisation))
    (row,) = await transfer.rows("copy_organisation")
    assert (row["id"], row["display_name"], row["kind"]) == (
        "siyang",
        "泗阳中专",
        "SECONDARY_VOCATIONAL",
    )


async def arrived(service: Served) -> str:
    """Return the name of an application whose applicant has arrived."""
    way = await (await Way.begin(Desk(service.base.database))).proposed(1)
    await way.approve()
    await way.admit()
    await way.open_arrival()
    await way.all(record_arrivals, RecordArrival, arrive_date=DEADLINE, now=at(DEADLINE))
    return way.applicants[0].name


def decision(application: str, **changes: Any) -> BackStageRegistration:
    name = application.replace("applications", "backStageRegistrations")
    return BackStageRegistration(name=name, application=application, **changes)


async def test_a_refused_registration_is_shown_and_a_registered_one_ends_it(
    transfer: Served,
) -> None:
    application = await arrived(transfer)
    reason = BackStageRegistration.BLOCKING_REASON_FRONT_STAGE_NOT_GRADUATED
    refused = event("BackStageRefused", decision(application, blocking_reason=reason))
    record = f"statusRecords/{uuid4()}"
    registered = event(
        "BackStageRegistered", decision(application, status_record=record), version=2
    )
    await hear(transfer, refused, refused)
    (row,) = await transfer.rows("application")
    assert (row["state"], row["blocking_reason"]) == ("ARRIVED", "FRONT_STAGE_NOT_GRADUATED")
    await hear(transfer, registered, registered, refused)
    (row,) = await transfer.rows("application")
    assert (row["state"], row["blocking_reason"]) == ("REGISTERED", "")
    assert f"statusRecords/{row['status_record_id']}" == record
    changes = [
        (each["event_type"], each["actor"], each["actor_organisation"], each["traceparent"])
        for each in sorted(await transfer.rows("change"), key=lambda each: each["id"])[-2:]
    ]
    # It carries who caused it.
    assert changes == [
        ("ApplicationBlocked", "system:transfer", FRONT, TRACE),
        ("ApplicationRegistered", "system:transfer", FRONT, TRACE),
    ]


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        (project(front_organisation="nobody"), FieldsInvalid),
        (project(name="pathwayProjects/1"), FieldsInvalid),
        (project(state=99), ValueError),
        (Organisation(name=PROJECT), ChangeUnreadable),
    ],
    ids=["no organisation", "no uuid", "unknown state", "another resource"],
)
async def test_what_cannot_be_read_is_refused_and_changes_nothing(
    transfer: Served, resource: Message, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await hear(transfer, event("PathwayProjectApproved", resource))
    assert await transfer.rows("copy_pathway_project") == []


async def test_a_decision_on_an_application_that_is_not_here_is_a_fault(transfer: Served) -> None:
    nowhere = decision(f"applications/{uuid4()}", status_record=f"statusRecords/{uuid4()}")
    with pytest.raises(KeyError):
        await hear(transfer, event("BackStageRegistered", nowhere))


def test_every_event_of_what_is_copied_is_heard() -> None:
    copied = {each.value for each in Event if each.value.startswith(COPIED)}
    decided = {"BackStageRefused", "BackStageRegistered"}
    assert {source: set(handlers) for source, handlers in HANDLERS.items()} == {
        "enrollment": copied | decided
    }
