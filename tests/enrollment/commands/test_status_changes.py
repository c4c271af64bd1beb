"""Registrations, changes and headcounts on PostgreSQL: one effect each, whoever comes first."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.db import Transaction
from chassis.errors import DomainError, ResourceNotFound
from services.enrollment.commands.approve_electronic_registrations import (
    approve_electronic_registrations,
)
from services.enrollment.commands.approve_status_changes import approve_status_changes
from services.enrollment.commands.changing import Target
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.effect_status_changes import effect_status_changes
from services.enrollment.commands.file_electronic_registrations import (
    FileElectronicRegistration,
    file_electronic_registrations,
)
from services.enrollment.commands.propose_status_changes import (
    ProposeStatusChange,
    propose_status_changes,
)
from services.enrollment.commands.register_arrivals import register_arrivals
from services.enrollment.commands.seal_reasons import ReasonSealer
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.status_change import (
    Attachment,
    AttachmentKind,
    Ground,
    GuardianOpinion,
    Initiator,
    StatusChange,
)
from services.enrollment.domain.status_change_refusals import (
    ApproverNotRegistered,
    NotStatusChangeHolder,
    NotYetEffective,
    StatusChangePending,
    StatusRecordNotRegistered,
)
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_refusals import (
    ElectronicRegistrationAlreadyFiled,
    RegistrationWindowClosed,
    StatusRecordOverlaps,
)
from services.enrollment.domain.status_rules import Facts
from services.enrollment.domain.student_status import IN_SCHOOL, ChangeKind, StudentStatus
from services.enrollment.edge.policies import load_policies
from services.enrollment.queries.headcounts import count_by_status
from services.enrollment.store import status_records
from tests.enrollment import made
from tests.enrollment.conftest import Desk, accepted, organisation

BUREAU = "szedu"
OTHER = "wujiang"
POLICIES = load_policies()
FILED_ON = date(2020, 10, 15)


@pytest.fixture
async def member(desk: Desk) -> CohortMember:
    cohort = await desk.set_up_cohort()
    extra = [
        organisation(BUREAU, Kind.EDUCATION_BUREAU),
        organisation(OTHER, Kind.SECONDARY_VOCATIONAL),
    ]
    await desk.run(create_organisations, *extra)
    return await desk.enroll(cohort.id)


async def file(desk: Desk, record_id: UUID, *, today: date = FILED_ON) -> Any:
    item = FileElectronicRegistration(status_record_id=record_id)
    (filed,) = await desk.run(
        file_electronic_registrations, item, party=made.FRONT, today=today, policies=POLICIES
    )
    return filed


async def register(desk: Desk, record_id: UUID) -> None:
    filed = accepted(await file(desk, record_id))
    target = Target(id=filed.id, etag='"1"')
    (approved,) = await desk.run(
        approve_electronic_registrations, target, party=BUREAU, today=FILED_ON
    )
    accepted(approved)


async def proposal(desk: Desk, record_id: UUID, **changes: Any) -> ProposeStatusChange:
    (row,) = await desk.rows("SELECT person_id FROM status_record WHERE id = :id", id=record_id)
    ground = changes.get("ground", Ground.ILLNESS)
    facts = changes.get("facts", Facts())
    given: dict[str, Any] = {
        "status_record_id": record_id,
        "kind": ChangeKind.SUSPEND,
        "ground": ground,
        "initiator": Initiator.STUDENT,
        "sealed": await ReasonSealer(desk.keys).seal(
            UUID(str(row["person_id"])), ground=ground, reason="住院治疗", facts=facts
        ),
        "guardian_opinion": GuardianOpinion.AGREED,
        "apply_date": date(2021, 9, 6),
        "effective_date": date(2021, 9, 13),
        "until_date": date(2022, 8, 31),
        "is_unreachable": False,
        "receiving": "",
        "new_major_code": "",
        "new_class_name": "",
        "attachments": (Attachment(kind=AttachmentKind.HOSPITAL_CERTIFICATE, sha256="a" * 64),),
        "facts": facts,
    }
    return ProposeStatusChange(**{**given, **changes})


async def propose(desk: Desk, record_id: UUID, **changes: Any) -> Any:
    item = await proposal(desk, record_id, **changes)
    (change,) = await desk.run(
        propose_status_changes, item, party=made.FRONT, today=date(2023, 1, 1), policies=POLICIES
    )
    return change


async def approve(desk: Desk, change: StatusChange, *parties: str) -> StatusChange:
    for party in parties:
        target = Target(id=change.id, etag=f'"{change.version}"')
        (result,) = await desk.run(
            approve_status_changes,
            target,
            party=party,
            today=date(2021, 9, 7),
            policies=POLICIES,
        )
        change = accepted(result)
    return change


async def effect(desk: Desk, change: StatusChange, *, now: datetime | None = None) -> Any:
    target = Target(id=change.id, etag=f'"{change.version}"')
    now = now or datetime(2023, 1, 1, tzinfo=UTC)
    (result,) = await desk.run(effect_status_changes, target, party=made.FRONT, now=now)
    return result


async def status_of(desk: Desk, record_id: UUID) -> tuple[str, str]:
    (row,) = await desk.rows("SELECT state, status FROM status_record WHERE id = :id", id=record_id)
    return row["state"], row["status"]


async def test_only_approval_of_the_registration_gives_a_record_that_can_change(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    assert isinstance(await propose(desk, record_id), StatusRecordNotRegistered)
    closed = await file(desk, record_id, today=date(2020, 11, 21))
    assert isinstance(closed, RegistrationWindowClosed)
    assert closed.metadata == {"first": "2021-02-20", "last": "2021-04-20"}
    await register(desk, record_id)
    assert isinstance(await file(desk, record_id), ElectronicRegistrationAlreadyFiled)
    accepted(await propose(desk, record_id))


async def test_of_two_filings_at_once_one_is_made(desk: Desk, member: CohortMember) -> None:
    record_id = await desk.front_record_id(member.id)
    results = await asyncio.gather(file(desk, record_id), file(desk, record_id))
    refusals = [each for each in results if isinstance(each, DomainError)]
    assert [type(each) for each in refusals] == [ElectronicRegistrationAlreadyFiled]


async def test_a_suspension_goes_through_its_chain_and_the_member_follows(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    await register(desk, record_id)
    change = accepted(await propose(desk, record_id))
    # The school is directly under the city: one bureau decides for county and city.
    assert [step.organisation for step in change.steps] == [made.FRONT, BUREAU]
    assert change.holder == made.FRONT
    assert isinstance(await propose(desk, record_id), StatusChangePending)
    with pytest.raises(NotStatusChangeHolder):
        await approve(desk, change, BUREAU)
    with pytest.raises(ResourceNotFound):
        await approve(desk, change, made.STRANGER)
    change = await approve(desk, change, made.FRONT, BUREAU)
    early = await effect(desk, change, now=datetime(2021, 9, 12, 15, tzinfo=UTC))
    assert isinstance(early, NotYetEffective)
    accepted(await effect(desk, change, now=datetime(2021, 9, 12, 16, tzinfo=UTC)))
    assert await status_of(desk, record_id) == ("AWAY", "SUSPENDED")
    assert (await desk.rows("SELECT state FROM cohort_member"))[0]["state"] == "SUSPENDED"
    assert (await desk.rows("SELECT status, valid_to_date FROM status_period")) == [
        {"status": "STUDYING", "valid_to_date": date(2021, 9, 12)}
    ]
    back = accepted(
        await propose(
            desk,
            record_id,
            kind=ChangeKind.RETURN,
            apply_date=date(2022, 7, 1),
            effective_date=date(2022, 9, 1),
            until_date=None,
        )
    )
    accepted(await effect(desk, await approve(desk, back, made.FRONT, BUREAU)))
    assert await status_of(desk, record_id) == ("IN_SCHOOL", "RETURNED")
    assert (await desk.rows("SELECT state FROM cohort_member"))[0]["state"] == "ACTIVE"


async def test_where_no_authority_is_registered_nothing_is_proposed(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    await register(desk, record_id)
    move = "UPDATE organisation SET region_code = '320100' WHERE id = 'szedu' RETURNING 1"
    await desk.rows(move)
    assert isinstance(await propose(desk, record_id), ApproverNotRegistered)


async def test_who_changes_school_leaves_the_pathway_and_studies_on_there(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    await register(desk, record_id)
    change = accepted(await propose(desk, record_id, **TRANSFER))
    assert [step.organisation for step in change.steps] == [made.FRONT, OTHER, BUREAU]
    accepted(await effect(desk, await approve(desk, change, made.FRONT, OTHER, BUREAU)))
    assert await status_of(desk, record_id) == ("ENDED", "TRANSFERRED_OUT")
    (row,) = await desk.rows("SELECT * FROM status_record WHERE stage = 'OUTSIDE'")
    assert (row["organisation"], row["valid_from_date"]) == (OTHER, date(2021, 9, 13))
    assert (row["change_id"], row["member_id"]) == (change.id, None)
    (left,) = await desk.rows("SELECT state, left_reason FROM cohort_member")
    assert left == {"state": "LEFT", "left_reason": "21 TRANSFER_OUT"}


async def test_a_transition_to_the_back_college_is_no_change_of_status(
    desk: Desk, member: CohortMember
) -> None:
    await desk.graduate(member.id)
    await desk.run(register_arrivals, made.arrival_of(member))
    assert await desk.rows("SELECT id FROM status_change") == []
    rows = await desk.rows(
        "SELECT change_id FROM status_record UNION ALL SELECT change_id FROM status_period"
    )
    assert [row["change_id"] for row in rows] == [None] * 3


async def test_of_two_who_open_a_record_for_one_person_at_once_the_second_is_refused(
    desk: Desk, member: CohortMember
) -> None:
    async def open_elsewhere(tx: Transaction, _items: Any, *, organisation: str) -> list[Any]:
        front = await status_records.get_front_of_members(tx, [member.id])
        record = replace(front[member.id], event=None, past_periods=[])
        outside = record.receive(
            new_id=uuid4(),
            organisation=organisation,
            major_code="690101",
            on=date(2024, 9, 1),
            change_id=uuid4(),
        )
        spans = await status_records.get_spans(tx, [member.person_id])
        try:
            spans.add(outside)
        except StatusRecordOverlaps as refusal:
            return [refusal]
        await status_records.add_many(tx, [outside])
        return [outside]

    await desk.graduate(member.id)
    results: list[Any] = []

    async def second() -> None:
        results.extend(await desk.run(open_elsewhere, organisation=made.STRANGER))

    # The first holds the person's lock while the second comes to it.
    await desk.run_around(second(), open_elsewhere, organisation=OTHER)
    assert [type(each) for each in results] == [StatusRecordOverlaps]
    rows = await desk.rows("SELECT organisation FROM status_record WHERE stage = 'OUTSIDE'")
    assert rows == [{"organisation": OTHER}]


async def test_headcounts_are_those_of_a_simple_model_on_every_day(
    desk: Desk, member: CohortMember
) -> None:
    cohort_id = member.cohort_id
    members = [member, *[await desk.enroll(cohort_id, serial) for serial in range(2, 8)]]
    begin, days = date(2020, 9, 1), 60
    pick = random.Random(7)  # noqa: S311 - the same days each time
    models: list[list[StudentStatus | None]] = []
    statuses = [StudentStatus.SUSPENDED, StudentStatus.RETURNED, StudentStatus.STOPPED]

    async def change(tx: Transaction, _items: Any, *, day: int, index: int, to: Any) -> list[Any]:
        front = await status_records.get_front_of_members(tx, [members[index].id])
        record: StatusRecord = front[members[index].id]
        on = begin + timedelta(days=day)
        if to is None:
            record.leave(StudentStatus.WITHDRAWN, on=on, change_id=uuid4())
        else:
            record.study(to, on=on, change_id=uuid4())
        await status_records.save_many(tx, [record])
        return []

    for index in range(len(members)):
        model: list[StudentStatus | None] = [StudentStatus.STUDYING] * days
        for day in sorted(pick.sample(range(1, days), 4)):
            to = pick.choice([*statuses, None])
            await desk.run(change, day=day, index=index, to=to)
            model[day:] = [to] * (days - day)
            if to is None:
                break
        models.append(model)
    for day in range(days):
        on = begin + timedelta(days=day)
        counts = await count_by_status(
            desk.database, made.FRONT, on=on, level="", registered_only=False
        )
        assert counts == dict(Counter(model[day] for model in models if model[day]))
        in_school = sum(model[day] in IN_SCHOOL for model in models)
        assert sum(counts.get(each, 0) for each in IN_SCHOOL) == in_school
    before = begin - timedelta(days=1)
    assert not await count_by_status(
        desk.database, made.FRONT, on=before, level="", registered_only=False
    )


TRANSFER: dict[str, Any] = {
    "kind": ChangeKind.TRANSFER_OUT,
    "ground": Ground.OWN_WISH,
    "until_date": None,
    "receiving": OTHER,
    "facts": Facts(present_cutoff=500, target_cutoff=480),
}
