"""Nobody reads an ID number or an export unless a committed row of the log says so."""

import asyncio
from typing import Any

import grpc.aio
import pytest
from guantong.enrollment.v1.learning_outcome_pb2 import LearningOutcome
from guantong.enrollment.v1.person_access_pb2 import PersonAccess

from tests.enrollment import made
from tests.enrollment.edge import test_learning_outcomes as outcomes
from tests.enrollment.edge.person_world import (
    DECIDER,
    FORMAL,
    GUARDIAN_NAME,
    ID_NUMBER,
    NAME,
    PHONE,
    PersonWorld,
    make_person_world,
)
from tests.served import Served, details_of

Code = grpc.StatusCode
READS = ("RevealIdNumber", "RevealStudentNumber", "ExportPerson")


@pytest.fixture
async def world(fresh_enrollment: Served) -> PersonWorld:
    return await make_person_world(fresh_enrollment)


async def denied(world: PersonWorld, rpc: str, **call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call(rpc, **{**await world.valid(rpc), **call})
    assert ID_NUMBER not in repr(raised.value)
    return raised.value.code(), details_of(raised.value)["reason"]


async def test_a_reveal_is_logged_with_who_why_and_when(world: PersonWorld) -> None:
    fields = await world.valid("RevealIdNumber")
    answer = await world.call("RevealIdNumber", role="registrar", subject="teacher-wang", **fields)
    assert answer.id_number == ID_NUMBER
    listed = await world.call("ListPersonAccesses", person=world.person)
    (access,) = listed.person_accesses
    assert access.action == PersonAccess.ACTION_REVEAL_ID_NUMBER
    assert (access.actor, access.organisation) == ("teacher-wang", "organisations/siyang")
    assert (access.reason, access.person) == ("办理毕业证书", world.person)
    assert access.access_time.ToDatetime().year == 2023


@pytest.mark.parametrize("rpc", READS)
async def test_what_cannot_be_logged_is_not_answered(world: PersonWorld, rpc: str) -> None:
    async with world.service.base.database.connection() as connection:
        await connection.execute(
            "ALTER TABLE access_log ADD CONSTRAINT full_disk CHECK (reason = '')"
        )
    code, _ = await denied(world, rpc)
    assert code is Code.INTERNAL
    assert await world.service.rows("access_log") == []


@pytest.mark.parametrize("rpc", READS)
async def test_an_answer_waits_for_the_row_of_the_log(world: PersonWorld, rpc: str) -> None:
    async with world.service.base.database.connection() as connection:
        lock = connection.transaction()
        await lock.start()
        await connection.execute("LOCK TABLE access_log IN SHARE MODE")
        asked = asyncio.create_task(world.call(rpc, **await world.valid(rpc)))
        await asyncio.sleep(0.4)
        assert not asked.done()
        await lock.rollback()
    await asked
    assert len(await world.service.rows("access_log")) == 1


async def test_accesses_come_page_by_page_to_school_and_auditor_and_to_nobody_else(
    world: PersonWorld,
) -> None:
    for _ in range(3):
        await world.call("RevealIdNumber", **await world.valid("RevealIdNumber"))
    for party, role in ((made.FRONT, "registrar"), ("audit", "auditor")):
        seen, token = [], ""
        for size in (2, 1):
            page = await world.call(
                "ListPersonAccesses", party=party, role=role, page_size=2, page_token=token
            )
            assert len(page.person_accesses) == size
            seen += [each.name for each in page.person_accesses]
            token = page.next_page_token
        assert len(set(seen)) == 3
        assert token == ""
    foreign = await world.call("ListPersonAccesses", party=made.STRANGER)
    assert list(foreign.person_accesses) == []


async def test_a_person_and_a_guardian_see_and_copy_what_is_held_of_them_alone(
    world: PersonWorld,
) -> None:
    await world.call("RevealIdNumber", **await world.valid("RevealIdNumber"))
    other = {"name": world.duplicate, "reason": "查看"}
    for role, subject in (("student", world.person), ("guardian", world.guardian.name)):
        who = {"role": role, "subject": subject}
        export = await world.call("ExportPerson", **who, **await world.valid("ExportPerson"))
        assert (export.id_number, export.person.display_name) == (ID_NUMBER, NAME)
        code, reason = await denied(world, "ExportPerson", **who, **other)
        assert (code, reason) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
        mine = await world.call("ListPersonAccesses", **who)
        assert {each.person for each in mine.person_accesses} == {world.person}
        code, _ = await denied(world, "ListPersonAccesses", **who, person=world.duplicate)
        assert code is Code.NOT_FOUND
        assert (await denied(world, "RevealIdNumber", **who))[0] is Code.PERMISSION_DENIED
    await world.call("EndGuardian", **await world.valid("EndGuardian"))
    code, _ = await denied(world, "ExportPerson", role="guardian", subject=world.guardian.name)
    assert code is Code.NOT_FOUND


async def test_an_export_holds_all_that_is_held(world: PersonWorld) -> None:
    number = {**await world.valid("RecordStudentNumber"), "number": FORMAL}
    await world.call("RecordStudentNumber", **number)
    fields = await world.valid("ApprovePersonCorrection")
    await world.call("ApprovePersonCorrection", subject=DECIDER, **fields)
    merge = await world.valid("MergePersons")
    await world.call("MergePersons", **merge)
    export = await world.call(
        "ExportPerson", party="audit", role="auditor", **await world.valid("ExportPerson")
    )
    assert export.birth_date == "2006-01-02"
    assert export.person.name == world.person
    assert list(export.aliases) == [world.duplicate]
    assert [each.number for each in export.student_numbers] == [FORMAL]
    assert [each.former_display_name for each in export.corrections] == [NAME]
    assert [(each.display_name, each.phone) for each in export.guardians] == [
        (GUARDIAN_NAME, PHONE)
    ]
    assert [each.name for each in export.consents] == [world.consent.name]
    assert len(export.memberships) == len(export.status_records) == 2
    assert all(each.display_name and each.admission_number for each in export.memberships)
    assert len(export.back_stage_registrations) == 1
    assert [each.name for each in export.erasures] == [world.erasure.name]
    assert [each.action for each in export.accesses] == [PersonAccess.ACTION_EXPORT]


async def test_an_export_says_where_its_accesses_go_on(world: PersonWorld) -> None:
    await world.call("RevealIdNumber", **await world.valid("RevealIdNumber"))
    async with world.service.base.database.connection() as connection:
        await connection.execute(
            "INSERT INTO access_log SELECT gen_random_uuid(), person_id, action, actor, "
            "organisation, reason, access_time FROM access_log, generate_series(1, 1200)"
        )
    export = await world.call("ExportPerson", **await world.valid("ExportPerson"))
    seen, token = [each.name for each in export.accesses], export.accesses_next_page_token
    assert len(seen) == 500
    while token:
        page = await world.call("ListPersonAccesses", person=world.person, page_token=token)
        seen += [each.name for each in page.person_accesses]
        token = page.next_page_token
    rows = await world.service.rows("access_log")
    assert sorted(seen) == sorted(f"personAccesses/{each['id']}" for each in rows)
    assert len(seen) == 1202


async def test_an_export_holds_every_version_of_the_results(
    world: PersonWorld,
) -> None:
    number = outcomes.declaration(world.world)["certificate_number"]
    await outcomes.accumulate(world.world)
    export = await world.call("ExportPerson", **await world.valid("ExportPerson"))
    found = [LearningOutcome() for _ in export.other_records]
    assert all(
        record.Unpack(outcome) for record, outcome in zip(export.other_records, found, strict=True)
    )
    # Each version, as outcomes are append-only; opened, as the person is.
    assert [each.version for each in found] == [1, 2, 3, 4]
    assert {each.certificate_number for each in found} == {number}
    assert not any(each.HasField("sealed") for each in found)


async def test_a_reveal_and_an_erasure_at_once_never_answer_unlogged_or_late(
    world: PersonWorld,
) -> None:
    reveal, erase = await world.valid("RevealIdNumber"), await world.valid("ErasePerson")
    answers = await asyncio.gather(
        *(world.call("RevealIdNumber", **reveal) for _ in range(4)),
        world.call("ErasePerson", subject=DECIDER, **erase),
        *(world.call("RevealIdNumber", **reveal) for _ in range(4)),
        return_exceptions=True,
    )
    erased = answers.pop(4)
    assert not isinstance(erased, BaseException)
    numbers = [each for each in answers if not isinstance(each, BaseException)]
    assert all(each.id_number == ID_NUMBER for each in numbers)
    refusals = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    assert {details_of(each)["reason"] for each in refusals} <= {"PERSON_ERASED"}
    assert len(await world.service.rows("access_log")) >= len(numbers)
    assert await denied(world, "RevealIdNumber") == (Code.FAILED_PRECONDITION, "PERSON_ERASED")
