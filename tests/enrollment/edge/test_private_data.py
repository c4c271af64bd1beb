"""Nothing personal is in clear: not in a table, a change row, a log line or an answer's error."""

import io

import grpc.aio
import pytest
from structlog.testing import capture_logs

from chassis.db import Database
from tests.enrollment import made
from tests.enrollment.edge.world import (
    ADMISSION_NUMBER,
    ID_NUMBER,
    NAME,
    World,
    make_world,
)
from tests.served import Served

# The way of a student into the records; the tests of persons dump what else is kept of them.
WRITTEN = (
    "CreateOrganisation",
    "DeclarePathwayProject",
    "ApprovePathwayProject",
    "OpenCohort",
    "EnrollCohortMember",
    "GraduateStatusRecord",
)
DIPLOMA, CERTIFICATE, REASON = "MADEUP20230078", "MADEUPJY20230079", "家中变故，随母返乡"
# Other ends of the same student, each in a world of its own.
ENDS = {
    "GraduateStatusRecord": ({"diploma_number": DIPLOMA}, b"StudentGraduated"),
    "ConcludeStatusRecord": ({"certificate_number": CERTIFICATE}, b"StudentCompleted"),
    "RemoveCohortMember": ({"left_reason": REASON}, b"MemberRemoved"),
}


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


def forms_of(value: str) -> list[bytes]:
    """Return how a value would look in a dump: as text, and as bytes written in hexadecimal."""
    clear = value.encode()
    return [clear, clear.hex().encode()]


def secrets() -> list[bytes]:
    other = made.id_number(78)
    masked = f"{ID_NUMBER[:6]}{'*' * 11}{ID_NUMBER[-1]}"
    said = (DIPLOMA, CERTIFICATE, REASON)
    values = (NAME, ID_NUMBER, other, ADMISSION_NUMBER, ID_NUMBER[6:17], masked, *said)
    return [form for value in values for form in forms_of(value)]


async def dump(database: Database) -> bytes:
    """Return every row of every table as PostgreSQL writes it."""
    async with database.connection() as connection:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        written = io.BytesIO()
        for table in tables:
            await connection.copy_from_table(table["tablename"], output=written)
    return written.getvalue()


async def test_no_dump_of_either_database_holds_a_personal_value(world: World) -> None:
    for rpc in WRITTEN:
        await world.call(rpc, world.request(rpc))
    dumped = await dump(world.service.base.database)
    assert b"MemberEnrolled" in dumped
    keystore_dsn = world.service.base.settings.keystore_dsn or ""
    async with Database.open(keystore_dsn, pool_size=1, application_name="test") as keystore:
        dumped += await dump(keystore)
    assert b"id_number" in dumped
    assert [secret for secret in secrets() if secret in dumped] == []


@pytest.mark.parametrize("rpc", ENDS)
async def test_what_is_said_of_an_end_is_read_by_the_schools_and_lies_nowhere_in_clear(
    world: World, rpc: str
) -> None:
    said, event = ENDS[rpc]
    with capture_logs() as lines:
        answer = await world.call(rpc, world.request(rpc, **said))
    ((field, value),) = said.items()
    assert getattr(answer, field) == value
    get = "GetCohortMember" if rpc == "RemoveCohortMember" else "GetStatusRecord"
    request = world.request(get, name=answer.name)
    assert getattr(await world.call(get, request), field) == value
    found = await world.call(get, request, "suite", "auditor")
    assert (getattr(found, field), found.HasField("sealed")) == ("", False)
    written = await dump(world.service.base.database) + repr(lines).encode()
    assert event in written
    assert [secret for secret in secrets() if secret in written] == []


async def test_no_log_line_holds_a_personal_value(fresh_enrollment: Served) -> None:
    with capture_logs() as lines:
        world = await make_world(fresh_enrollment)
        again = world.request("EnrollCohortMember", id_number=ID_NUMBER)
        with pytest.raises(grpc.aio.AioRpcError):
            await world.call("EnrollCohortMember", again)
        await world.call("EnrollCohortMember", world.request("EnrollCohortMember"))
    written = repr(lines).encode()
    assert b"EnrollCohortMember" in written
    assert b"PERSON_ALREADY_ENROLLED" in written
    assert [secret for secret in secrets() if secret in written] == []
