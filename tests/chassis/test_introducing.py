"""New subjects are introduced at once: keys, likenesses and claims, few or many of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from chassis.bulk import COPY_ROWS_MIN
from chassis.db import Database
from chassis.keys import Claim, KeyStore, blind_index
from chassis.keystore.__main__ import migrate
from chassis.master_keys import MasterKey, MasterKeys

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
KEY = b"i" * 32


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    dsn = await make_database("keystore", migrate)
    async with Database.open(dsn, pool_size=4, application_name="test") as database:
        yield database


def store_of(database: Database) -> KeyStore:
    return KeyStore(database, MasterKeys(MasterKey(b"m" * 32)))


def claim(number: int, subject_id: UUID | None = None) -> Claim:
    return Claim("number", blind_index(KEY, "number", str(number)), subject_id or uuid4())


def likeness(subject_id: UUID, text: str) -> Claim:
    return Claim("name", blind_index(KEY, "name", text), subject_id)


@pytest.mark.parametrize("count", [1, COPY_ROWS_MIN, 1_200])
async def test_each_new_subject_has_a_key_and_holds_its_value(
    database: Database, count: int
) -> None:
    claims = [claim(number) for number in range(count)]
    keys, holders = await store_of(database).introduce(claims, [])
    ids = [each.subject_id for each in claims]
    assert holders == ids
    assert await store_of(database).get_many(ids) == keys
    found = await store_of(database).find_holders("number", [each.digest for each in claims])
    assert found == {each.digest: each.subject_id for each in claims}


async def test_who_comes_second_is_told_the_holder(database: Database) -> None:
    store = store_of(database)
    first = claim(1)
    await store.introduce([first], [])
    second, other = claim(1), claim(2)
    _, holders = await store.introduce([second, other], [])
    assert holders == [first.subject_id, other.subject_id]


async def test_subjects_are_found_alike_and_the_same_likeness_twice_is_one(
    database: Database,
) -> None:
    store = store_of(database)
    anne, bert = claim(1), claim(2)
    likenesses = [
        likeness(anne.subject_id, "王"),
        likeness(anne.subject_id, "王"),
        likeness(bert.subject_id, "王"),
    ]
    await store.introduce([anne, bert], likenesses)
    alike = await store.find_alike([anne.subject_id], limit=10)
    assert alike == {bert.subject_id: ["name"]}


async def test_of_a_value_that_fails_nothing_is_introduced(database: Database) -> None:
    store = store_of(database)
    right, wrong = claim(1), Claim("number", b"short", uuid4())
    with pytest.raises(Exception, match="blind_index_digest_size"):
        await store.introduce([right, wrong], [])
    assert await store.get_many([right.subject_id]) == {}
