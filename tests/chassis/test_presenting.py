"""Sealed fields: opened for the parties of a record, left out for everybody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from guantong.common.v1.sealed_pb2 import Sealed
from guantong.transfer.v1.application_pb2 import Application
from structlog.testing import capture_logs

from chassis.db import Database
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.keystore.__main__ import migrate
from chassis.master_keys import MasterKey, MasterKeys
from chassis.presenting import Presenter, parties_by_fields
from chassis.sealed import Sealer
from tests.chassis.conftest import NOON, MakeDatabase

PARTIES = parties_by_fields("front_organisation", "back_organisation")


@dataclass(frozen=True)
class Desk:
    keys: KeyStore
    present: Presenter

    async def record(
        self, name: str = "张三", *, subject: UUID | None = None, back: str = "organisations/beta"
    ) -> Application:
        """Return a record of alpha and beta with a sealed name, as it is stored."""
        subject = subject or uuid4()
        key = (await self.keys.create_many([subject]))[subject]
        sealed = {"display_name": Sealer.seal(key, subject, "display_name", name)}
        return Application(
            name=f"applications/{uuid4()}",
            person=f"persons/{subject}",
            front_organisation="organisations/alpha",
            back_organisation=back,
            sealed=Sealed(subject=str(subject), fields=sealed),
        )


@pytest.fixture
async def desk(make_database: MakeDatabase) -> AsyncIterator[Desk]:
    dsn = await make_database("keystore", migrate)
    async with Database.open(dsn, pool_size=4, application_name="test") as database:
        keys = KeyStore(database, MasterKeys(MasterKey(b"m" * 32)))
        yield Desk(keys, Presenter(keys, PARTIES))


def caller(organisation: str, *roles: str) -> Caller:
    return Caller("u1", organisation, frozenset(roles or {"registrar"}))


@pytest.mark.parametrize("party", ["alpha", "beta"])
async def test_a_party_reads_what_is_sealed(desk: Desk, party: str) -> None:
    record = await desk.record("𠮷小明")
    await desk.present([record], caller(party))
    assert record.display_name == "𠮷小明"
    assert not record.HasField("sealed")


@pytest.mark.parametrize(
    "who",
    [
        caller("gamma"),
        # Who sees all records sees no names.
        caller("suite", "administrator"),
        caller("suite", "auditor"),
        caller("bureau", "bureau_officer"),
        # A name that looks like a party's is none.
        caller("alph"),
        caller("organisations/alpha"),
        caller("ALPHA"),
    ],
    ids=lambda who: who.organisation,
)
async def test_nobody_else_reads_it_or_gets_it_sealed(desk: Desk, who: Caller) -> None:
    record = await desk.record()
    await desk.present([record], who)
    assert record.display_name == ""
    assert not record.HasField("sealed")
    assert record.person


async def test_a_system_gets_it_sealed(desk: Desk) -> None:
    record = await desk.record()
    before = Application.FromString(record.SerializeToString())
    await desk.present([record], caller("suite", "system"))
    assert record == before


async def test_a_subject_that_was_erased_has_no_name_any_more(desk: Desk) -> None:
    erased, other = uuid4(), uuid4()
    records = [
        await desk.record("张三", subject=erased),
        await desk.record("李四", subject=other),
        await desk.record("张三", subject=erased),
    ]
    await desk.keys.destroy(erased, reason="asked for", now=NOON)
    await desk.present(records, caller("alpha"))
    assert [each.display_name for each in records] == ["", "李四", ""]
    assert not any(each.HasField("sealed") for each in records)


async def test_of_many_records_a_caller_reads_its_own(desk: Desk) -> None:
    records = [await desk.record(str(number)) for number in range(4)]
    records += [await desk.record("x", back="organisations/gamma") for _ in range(2)]
    await desk.present(records, caller("beta"))
    assert [each.display_name for each in records] == ["0", "1", "2", "3", "", ""]


async def test_numbers_and_names_of_enums_are_opened_as_what_they_are(desk: Desk) -> None:
    record = await desk.record()
    subject = UUID(record.sealed.subject)
    key = (await desk.keys.get_many([subject]))[subject]
    for field, text in (("version", "451237"), ("state", "STATE_ADMITTED")):
        record.sealed.fields[field] = Sealer.seal(key, subject, field, text)
    await desk.present([record], caller("alpha"))
    assert (record.version, record.state) == (451_237, Application.STATE_ADMITTED)


async def test_other_messages_are_left_as_they_are(desk: Desk) -> None:
    plain, unsealed = StringValue(value="x"), Application(name="applications/1", display_name="y")
    await desk.present([plain, unsealed], caller("alpha"))
    assert (plain.value, unsealed.display_name) == ("x", "y")
    await desk.present([], caller("alpha"))


async def test_a_value_that_was_sealed_for_another_field_or_subject_does_not_open(
    desk: Desk,
) -> None:
    one, other = await desk.record(), await desk.record()
    one.sealed.fields["display_name"] = other.sealed.fields["display_name"]
    with capture_logs() as logs:
        await desk.present([one], caller("alpha"))
    assert one.display_name == ""
    assert list(one.sealed.damaged) == ["display_name"]
    (line,) = logs
    assert (line["log_level"], line["record"], line["field"]) == ("error", one.name, "display_name")


@pytest.mark.parametrize("value", [b"", b"x", b"\x01\x00\x01" + bytes(60), b"\x09" * 60])
async def test_a_damaged_value_is_marked_and_takes_no_other_away(desk: Desk, value: bytes) -> None:
    records = [await desk.record(name) for name in ("张三", "李四", "王五")]
    records[1].sealed.fields["display_name"] = value
    await desk.present(records, caller("alpha"))
    assert [each.display_name for each in records] == ["张三", "", "王五"]
    assert [list(each.sealed.damaged) for each in records] == [[], ["display_name"], []]
    # Nothing of what is sealed is handed out.
    assert records[1].sealed == Sealed(damaged=["display_name"])
    assert not records[0].HasField("sealed")
    # A caller who may not read it is not troubled by it.
    record = await desk.record()
    record.sealed.fields["display_name"] = value
    await desk.present([record], caller("gamma"))
    assert not record.HasField("sealed")


def test_the_parties_of_a_message_are_in_its_fields() -> None:
    message = Application(front_organisation="organisations/alpha")
    assert set(PARTIES(message)) == {"alpha"}
    assert set(PARTIES(Application())) == set()
    assert set(PARTIES(StringValue())) == set()
