"""Promises of the key store, on a real database."""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis import migrations
from chassis.db import Database
from chassis.keys import CHUNK_ROWS, Claim, Erasure, KeyStore, blind_index
from chassis.keystore import tables
from chassis.keystore.__main__ import main, migrate
from chassis.master_keys import MasterKey, MasterKeys, UnwrapFailed, create_key_file
from chassis.sealed import Sealer

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MASTER = MasterKey(b"m" * 32)
INDEX_KEY = b"i" * 32
ID_NUMBER = blind_index(INDEX_KEY, "id_number", "11010519491231002X")


@pytest.fixture
async def dsn(make_database: MakeDatabase) -> str:
    return await make_database("keystore", migrate)


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(dsn, pool_size=4, application_name="test") as database:
        yield database


@pytest.fixture
def store(database: Database) -> KeyStore:
    return _store(database)


# Creating and finding.


async def test_a_created_key_is_the_same_for_everyone_who_asks(
    store: KeyStore, database: Database
) -> None:
    anne, bert = uuid4(), uuid4()
    created = await store.create_many([anne, bert, anne])
    assert set(created) == {anne, bert}
    assert created[anne].secret != created[bert].secret
    assert await _store(database).get_many([bert, anne]) == created


async def test_creating_again_changes_no_key(store: KeyStore, database: Database) -> None:
    anne, bert = uuid4(), uuid4()
    first = await store.create_many([anne])
    again = await _store(database).create_many([anne, bert])
    assert again[anne] == first[anne]
    assert set(again) == {anne, bert}


async def test_a_subject_without_a_key_is_absent(store: KeyStore) -> None:
    assert await store.get_many([uuid4()]) == {}
    assert await store.get_many([]) == {}
    assert await store.create_many([]) == {}


async def test_what_was_sealed_opens_in_another_process(
    store: KeyStore, database: Database
) -> None:
    anne = uuid4()
    sealed = Sealer.seal((await store.create_many([anne]))[anne], anne, "name", "𠮷小明")
    key = (await _store(database).get_many([anne]))[anne]
    assert Sealer.open(key, anne, "name", sealed) == "𠮷小明"


async def test_no_key_lies_in_the_database_in_clear(store: KeyStore, database: Database) -> None:
    anne = uuid4()
    key = (await store.create_many([anne]))[anne]
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT * FROM data_key WHERE subject_id = $1", anne)
    assert row is not None
    assert key.secret not in row["wrapped"]


async def test_a_wrapped_key_that_was_moved_to_another_subject_does_not_unwrap(
    store: KeyStore, database: Database
) -> None:
    anne, bert = uuid4(), uuid4()
    await store.create_many([anne, bert])
    await _run(
        database,
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE subject_id = $1)",
        anne,
    )
    with pytest.raises(UnwrapFailed):
        await _store(database).get_many([bert])


async def test_an_import_larger_than_a_statement_is_created_and_found_whole(
    store: KeyStore, database: Database
) -> None:
    subjects = [uuid4() for _ in range(CHUNK_ROWS * 2 + 1)]
    created = await store.create_many(subjects)
    assert set(created) == set(subjects)
    assert await _store(database).get_many(subjects) == created


async def test_imports_of_the_same_subjects_at_once_agree_on_the_keys(
    database: Database,
) -> None:
    subjects = [uuid4() for _ in range(300)]
    answers = await asyncio.gather(
        *(_store(database).create_many(subjects[:: 1 - 2 * (n % 2)]) for n in range(4))
    )
    assert all(answer == answers[0] for answer in answers)


async def test_a_key_is_remembered_for_its_time_and_no_longer(
    store: KeyStore, database: Database
) -> None:
    anne = uuid4()
    await store.create_many([anne])
    brief = KeyStore(database, MasterKeys(MASTER), cache_ttl_s=0.05)
    await brief.get_many([anne])
    await _run(database, "DELETE FROM data_key")
    assert set(await brief.get_many([anne])) == {anne}
    await asyncio.sleep(0.06)
    assert await brief.get_many([anne]) == {}


async def test_what_is_remembered_is_bounded(database: Database) -> None:
    store = KeyStore(database, MasterKeys(MASTER), cache_size=10)
    assert len(await store.create_many([uuid4() for _ in range(50)])) == 50
    assert len(store._cache) == 10


# Erasing.


async def test_destroying_a_key_takes_the_blind_index_and_leaves_the_erasure(
    store: KeyStore, database: Database
) -> None:
    anne, bert = uuid4(), uuid4()
    await store.create_many([anne, bert])
    other = blind_index(INDEX_KEY, "id_number", "other")
    await store.claim([Claim("id_number", ID_NUMBER, anne), Claim("id_number", other, bert)])
    await store.destroy(anne, reason="asked for", now=NOW)
    fresh = _store(database)
    assert set(await fresh.get_many([anne, bert])) == {bert}
    assert await fresh.find_holders("id_number", [ID_NUMBER, other]) == {other: bert}
    assert await fresh.list_erasures() == [Erasure(anne, "asked for", NOW)]


async def test_the_process_that_destroyed_a_key_has_forgotten_it(store: KeyStore) -> None:
    anne = uuid4()
    await store.create_many([anne])
    await store.destroy(anne, reason="asked for", now=NOW)
    assert await store.get_many([anne]) == {}


async def test_a_key_that_was_read_before_its_erasure_ended_is_not_remembered(
    store: KeyStore, database: Database
) -> None:
    anne = uuid4()
    keys = await _store(database).create_many([anne])
    erasures_at_reading = store._erasures
    await store.destroy(anne, reason="asked for", now=NOW)
    store._remember(keys, erasures_at_reading)
    assert await store.get_many([anne]) == {}


async def test_an_erased_subject_never_gets_a_key_again(
    store: KeyStore, database: Database
) -> None:
    anne, bert = uuid4(), uuid4()
    await store.create_many([anne])
    await store.destroy(anne, reason="asked for", now=NOW)
    assert set(await _store(database).create_many([anne, bert])) == {bert}


async def test_erasing_twice_keeps_the_first_reason(store: KeyStore) -> None:
    anne = uuid4()
    await store.create_many([anne])
    await store.destroy(anne, reason="first", now=NOW)
    await store.destroy(anne, reason="second", now=NOW + timedelta(days=1))
    assert await store.list_erasures() == [Erasure(anne, "first", NOW)]


async def test_a_key_is_not_created_while_its_subject_is_being_erased(
    store: KeyStore, database: Database
) -> None:
    anne = uuid4()
    await store.create_many([anne])
    async with database.connection() as connection:
        erasing = connection.transaction()
        await erasing.start()
        await connection.execute("LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE")
        await connection.execute("DELETE FROM data_key WHERE subject_id = $1", anne)
        creating = asyncio.create_task(_store(database).create_many([anne]))
        await _until_waiting(connection)
        await connection.execute("INSERT INTO erasure VALUES ($1, 'asked for', now())", anne)
        await erasing.commit()
    assert await creating == {}


async def test_erasing_waits_for_keys_that_are_being_created(
    store: KeyStore, database: Database
) -> None:
    anne, bert = uuid4(), uuid4()
    await store.create_many([anne])
    async with database.connection() as connection:
        creating = connection.transaction()
        await creating.start()
        await connection.execute(
            "INSERT INTO data_key SELECT $1, generation, master_key_id, wrapped FROM data_key", bert
        )
        erasing = asyncio.create_task(store.destroy(bert, reason="asked for", now=NOW))
        await _until_waiting(connection)
        await creating.commit()
    await erasing
    assert set(await _store(database).get_many([anne, bert])) == {anne}


async def test_a_value_is_not_claimed_while_its_subject_is_being_erased(
    store: KeyStore, database: Database
) -> None:
    subjects = [uuid4() for _ in range(40)]
    await store.create_many(subjects)

    async def claim(subject: UUID) -> None:
        digest = blind_index(INDEX_KEY, "id_number", str(subject))
        await asyncio.gather(
            store.claim([Claim("id_number", digest, subject)]),
            store.destroy(subject, reason="asked for", now=NOW),
            return_exceptions=True,
        )

    for start in range(0, 40, 4):
        await asyncio.gather(*(claim(each) for each in subjects[start : start + 4]))
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM blind_index") == 0
        assert await connection.fetchval("SELECT count(*) FROM data_key") == 0


async def test_an_erasure_that_a_restore_brought_back_is_applied_again(
    store: KeyStore, database: Database, dsn: str
) -> None:
    anne, bert, carl = uuid4(), uuid4(), uuid4()
    await store.create_many([anne, bert, carl])
    await store.claim([Claim("id_number", ID_NUMBER, anne)])
    backup = await _dump(dsn)
    await store.destroy(anne, reason="asked for", now=NOW)
    await store.destroy(bert, reason="asked for", now=NOW)
    kept_outside = await store.list_erasures()
    await _restore(dsn, backup)
    restored = _store(database)
    assert set(await restored.get_many([anne, bert, carl])) == {anne, bert, carl}
    assert await restored.reapply_erasures(kept_outside) == 2
    assert set(await restored.get_many([anne, bert, carl])) == {carl}
    assert await restored.find_holders("id_number", [ID_NUMBER]) == {}
    assert await restored.reapply_erasures(kept_outside) == 0
    assert await restored.reapply_erasures() == 0


async def test_a_reason_has_a_limit(store: KeyStore) -> None:
    with pytest.raises(ValueError, match="at most"):
        await store.destroy(uuid4(), reason="x" * 501, now=NOW)


# The blind index.


def test_the_digest_depends_on_key_kind_and_value() -> None:
    digests = {
        blind_index(INDEX_KEY, "id_number", "1"),
        blind_index(INDEX_KEY, "id_number", "2"),
        blind_index(INDEX_KEY, "phone", "1"),
        blind_index(b"j" * 32, "id_number", "1"),
        blind_index(INDEX_KEY, "id_numbe", "r1"),
    }
    assert len(digests) == 5
    assert blind_index(INDEX_KEY, "id_number", "1") in digests
    assert all(len(digest) == 32 for digest in digests)


def test_the_digest_leaves_bringing_values_into_one_form_to_the_caller() -> None:
    composed, decomposed = "é", "e\u0301"
    assert blind_index(INDEX_KEY, "name", composed) != blind_index(INDEX_KEY, "name", decomposed)
    assert blind_index(INDEX_KEY, "name", composed) == blind_index(
        INDEX_KEY, "name", unicodedata.normalize("NFC", decomposed)
    )


def test_a_short_index_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        blind_index(b"", "id_number", "1")


async def test_the_first_claim_of_a_value_holds_and_the_next_learns_who_holds_it(
    store: KeyStore,
) -> None:
    anne, bert = uuid4(), uuid4()
    await store.create_many([anne, bert])
    assert await store.claim([Claim("id_number", ID_NUMBER, anne)]) == [anne]
    assert await store.claim([Claim("id_number", ID_NUMBER, bert)]) == [anne]
    assert await store.claim([Claim("id_number", ID_NUMBER, anne)]) == [anne]
    assert await store.claim([Claim("phone", ID_NUMBER, bert)]) == [bert]


async def test_claims_of_a_list_are_answered_in_its_order_also_when_they_conflict(
    store: KeyStore,
) -> None:
    anne, bert, carl, nobody = uuid4(), uuid4(), uuid4(), uuid4()
    await store.create_many([anne, bert, carl])
    one, two, three = (blind_index(INDEX_KEY, "id_number", each) for each in "123")
    await store.claim([Claim("id_number", three, carl)])
    claims = [
        Claim("id_number", two, bert),
        Claim("id_number", one, anne),
        Claim("id_number", two, anne),
        Claim("id_number", three, anne),
        Claim("id_number", blind_index(INDEX_KEY, "id_number", "4"), nobody),
    ]
    assert await store.claim(claims) == [bert, anne, bert, carl, None]


async def test_of_claims_at_once_exactly_one_holds_and_all_learn_it(store: KeyStore) -> None:
    subjects = [uuid4() for _ in range(8)]
    await store.create_many(subjects)
    answers = await asyncio.gather(
        *(store.claim([Claim("id_number", ID_NUMBER, each)]) for each in subjects)
    )
    (holder,) = {answer[0] for answer in answers}
    assert holder in subjects


async def test_only_its_holder_gives_a_value_up(store: KeyStore) -> None:
    anne, bert = uuid4(), uuid4()
    await store.create_many([anne, bert])
    await store.claim([Claim("id_number", ID_NUMBER, anne)])
    await store.release([Claim("id_number", ID_NUMBER, bert)])
    assert await store.find_holders("id_number", [ID_NUMBER]) == {ID_NUMBER: anne}
    await store.release([Claim("id_number", ID_NUMBER, anne)])
    assert await store.find_holders("id_number", [ID_NUMBER]) == {}


# The master key.


async def test_after_a_rotation_the_new_master_key_alone_opens_everything(
    store: KeyStore, database: Database
) -> None:
    subjects = [uuid4() for _ in range(2_500)]
    before = await store.create_many(subjects)
    new = MasterKey(b"n" * 32)
    assert await store.rotate(new) == 2_500
    assert await store.rotate(new) == 0
    assert await KeyStore(database, MasterKeys(new)).get_many(subjects) == before
    with pytest.raises(UnwrapFailed, match=new.id):
        await _store(database).get_many(subjects[:1])


async def test_during_a_rotation_a_process_that_knows_both_keys_opens_everything(
    store: KeyStore, database: Database
) -> None:
    anne, bert = uuid4(), uuid4()
    new = MasterKey(b"n" * 32)
    await store.create_many([anne])
    await store.rotate(new)
    await _store(database).create_many([bert])
    both = KeyStore(database, MasterKeys(MASTER, [new]))
    assert set(await both.get_many([anne, bert])) == {anne, bert}
    assert await store.rotate(new) == 1


async def test_the_wrong_master_key_opens_nothing(store: KeyStore, database: Database) -> None:
    anne = uuid4()
    await store.create_many([anne])
    with pytest.raises(UnwrapFailed):
        await KeyStore(database, MasterKeys(MasterKey(b"x" * 32))).get_many([anne])


# The database and its operation.


async def test_the_migrations_make_exactly_the_tables(
    dsn: str, make_database: MakeDatabase
) -> None:
    wanted = await make_database(
        "keystore_tables", lambda dsn: migrations.create_all(dsn, tables.metadata)
    )
    lines = await migrations.describe(dsn)
    assert lines == await migrations.describe(wanted)
    assert any("CHECK ((octet_length(wrapped) = 60))" in line for line in lines)


async def test_migrating_again_and_at_once_changes_nothing(dsn: str) -> None:
    before = await migrations.describe(dsn)
    await asyncio.gather(migrate(dsn), migrate(dsn))
    assert await migrations.describe(dsn) == before


async def test_an_empty_database_that_is_migrated_twice_at_once_is_migrated_once(
    make_database: MakeDatabase,
) -> None:
    async def migrate_twice(dsn: str) -> None:
        await asyncio.gather(migrate(dsn), migrate(dsn))

    dsn = await make_database("keystore_twice", migrate_twice)
    assert any(line.startswith("data_key.wrapped") for line in await migrations.describe(dsn))


async def test_an_operator_migrates_exports_reapplies_and_rotates(
    dsn: str,
    store: KeyStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    anne = uuid4()
    await store.create_many([anne])
    await store.destroy(anne, reason="本人申请", now=NOW)
    monkeypatch.setenv("GUANTONG_KEYSTORE_DSN", dsn)
    monkeypatch.setenv("GUANTONG_MASTER_KEY_FILE", str(tmp_path / "key"))

    async def run(*arguments: str) -> str:
        assert await asyncio.to_thread(main, list(arguments)) == 0
        return capsys.readouterr().out

    await run("new-key", str(tmp_path / "key"))
    assert "head" in await run("migrate")
    exported = await run("export-erasures")
    assert json.loads(exported)["reason"] == "本人申请"
    (tmp_path / "erasures").write_text(exported, encoding="utf-8")
    assert "0 data keys" in await run("reapply-erasures", str(tmp_path / "erasures"))
    assert "0 data keys" in await run("rotate")


def test_an_operator_is_told_which_setting_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("GUANTONG_KEYSTORE_DSN", raising=False)
    assert main(["migrate"]) == 1
    assert "GUANTONG_KEYSTORE_DSN" in capsys.readouterr().err
    create_key_file(tmp_path / "key")
    assert main(["new-key", str(tmp_path / "key")]) == 1


def _store(database: Database) -> KeyStore:
    """Return a store that remembers nothing yet, as another process would."""
    return KeyStore(database, MasterKeys(MASTER))


async def _run(database: Database, statement: str, *arguments: object) -> None:
    async with database.connection() as connection:
        await connection.execute(statement, *arguments)


async def _until_waiting(connection: asyncpg.Connection) -> None:
    for _ in range(500):
        if await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits for the lock")


async def _dump(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    connection = await asyncpg.connect(dsn)
    try:
        return {
            table.name: [
                tuple(row.values())
                for row in await connection.fetch(f"SELECT * FROM {table.name}")  # noqa: S608  our names
            ]
            for table in tables.metadata.sorted_tables
        }
    finally:
        await connection.close()


async def _restore(dsn: str, backup: dict[str, list[tuple[object, ...]]]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("TRUNCATE data_key, blind_index, likeness, erasure")
        for name, rows in backup.items():
            await connection.copy_records_to_table(name, records=rows)
    finally:
        await connection.close()
