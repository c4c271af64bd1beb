"""What people write about an applicant is read by the two schools, and lies nowhere in clear."""

import io
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from chassis.db import Database
from tests.served import Served
from tests.transfer.desk import NAME
from tests.transfer.edge.world import World, make_world

# By RPC: what is written, and the field of the answer that says it again.
WRITTEN = {
    "RejectApplication": ("reject_reason", "体检发现心脏病史", "decision_reason"),
    "RefuseApplication": ("refuse_reason", "查出处分未解除", "decision_reason"),
    "CancelApplication": ("cancel_reason", "复查发现冒名顶替", "decision_reason"),
    "AssessApplication": ("exemption_ground", "全国技能大赛一等奖（王芳）", "exemption_ground"),
    "RaiseObjection": ("ground", "举报其父行贿", "ground"),
    "ResolveObjection": ("decision", "行贿属实，其父已认", "decision"),
}


@pytest.fixture
async def world(transfer: Served) -> World:
    return await make_world(transfer)


async def write(world: World) -> dict[str, Any]:
    """Write all that may be written; return the answers."""
    answers = {}
    for rpc, (field, text, _) in WRITTEN.items():
        only = {"marks": None} if rpc == "AssessApplication" else {}
        answers[rpc] = await world.call(rpc, world.request(rpc, **{field: text}, **only))
    return answers


async def dump(database: Database) -> bytes:
    """Return every row of every table as PostgreSQL writes it."""
    written = io.BytesIO()
    async with database.connection() as connection:
        for table in await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ):
            await connection.copy_from_table(table["tablename"], output=written)
    return written.getvalue()


def found_in(written: bytes) -> list[str]:
    """Return the texts that a dump or log shows, as text or in hexadecimal."""
    texts = [NAME, *(text for _, text, _ in WRITTEN.values())]
    return [
        each
        for each in texts
        if each.encode() in written or each.encode().hex().encode() in written
    ]


async def test_no_dump_and_no_log_holds_what_was_written(world: World) -> None:
    with capture_logs() as lines:
        await write(world)
    dumped = await dump(world.service.base.database)
    assert b"ObjectionResolved" in dumped
    assert found_in(dumped) == []
    said = repr(lines).encode()
    assert b"ResolveObjection" in said
    assert found_in(said) == []


async def test_both_schools_read_what_was_written_and_nobody_else(world: World) -> None:
    answers = await write(world)
    for rpc, (_, text, field) in WRITTEN.items():
        answer = answers[rpc]
        assert getattr(answer, field) == text
        assert not answer.HasField("sealed")
        get = "GetObjection" if answer.name.startswith("objections/") else "GetApplication"
        request = world.request(get, name=answer.name)
        for organisation, role, said in (
            (answer.front_organisation, "registrar", text),
            (answer.back_organisation, "registrar", text),
            ("organisations/suite", "auditor", ""),
        ):
            caller = world.service.token(organisation.removeprefix("organisations/"), role)
            found = await world.call(get, request, metadata=caller)
            assert getattr(found, field) == said
            assert not found.HasField("sealed")


async def test_who_is_disqualified_reads_why(world: World) -> None:
    objection = (await write(world))["ResolveObjection"]
    request = world.request("GetApplication", name=objection.application)
    found = await world.call("GetApplication", request)
    assert found.decision_reason == objection.decision


async def test_of_an_erased_person_the_step_is_taken_and_its_words_are_not_kept(
    world: World,
) -> None:
    request = world.request("GetApplication", name=world.rpcs["RejectApplication"].fields["name"])
    person = UUID((await world.call("GetApplication", request)).person.partition("/")[2])
    await world.service.keys.destroy(person, reason="test", now=world.service.clock.now())
    rejected = await world.call("RejectApplication", world.request("RejectApplication"))
    assert (rejected.decision_reason, rejected.display_name) == ("", "")
