"""The digest: what a party holds at a position, however it is computed, and nothing else."""

import asyncio
import hashlib
import random
from dataclasses import dataclass

import pytest
from guantong.common.v1.event_pb2 import Change

from chassis import digest as digest_module
from chassis.db import Database
from chassis.digest import PARTS, PARTS_OF_BUCKET, Digests, leaf, part_of, parts_of, tree_of
from chassis.epoch import Head, raise_epoch, read_head
from chassis.errors import CursorExpired, PageTokenInvalid, ServiceBusy
from chassis.head_watch import HeadWatch
from chassis.sequencer import Sequencer
from tests.chassis.conftest import Note, encode_note, write

PARTIES = ("alpha", "beta", "gamma")


@dataclass
class History:
    """A history, and what each party holds of it after each position."""

    database: Database
    digests: Digests

    def __post_init__(self) -> None:
        self.now: dict[str, Note] = {}
        self.held: list[dict[str, Note]] = [{}]

    async def write(self, *notes: Note) -> None:
        await write(self.database, *notes)
        while await Sequencer(self.database).number():
            pass
        for note in notes:
            self.now[note.name] = note
            self.held.append(dict(self.now))

    async def wander(self, seed: int, steps: int) -> None:
        """Make and change notes, with audiences that come and go."""
        chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
        for _ in range(steps):
            name = f"{chance.choice(['notes', 'letters'])}/{chance.randrange(20)}"
            before = self.now.get(name)
            parties = tuple(each for each in (*PARTIES, "*") if chance.random() < 0.3)
            version = before.version + 1 if before else 1
            await self.write(Note(name, str(chance.random()), parties, version))

    def leaves(self, scope: str | None, position: int, *types: str) -> list[tuple[str, int, bytes]]:
        return [
            (note.name, note.version, _sha256(note))
            for note in self.held[position].values()
            if scope is None or scope in note.audience or "*" in note.audience
            if not types or note.name.partition("/")[0] in types
        ]


def _sha256(note: Note) -> bytes:
    message = encode_note(note).message
    return hashlib.sha256(message.SerializeToString(deterministic=True)).digest()


@pytest.fixture
async def history(database: Database) -> History:
    return History(database, Digests(database, HeadWatch(database), service="notes"))


async def test_the_digest_can_be_checked_by_hand(history: History) -> None:
    await history.write(Note("notes/1", "one", ("alpha",)), Note("notes/2", "two"))
    empty = hashlib.sha256(b"").digest()
    buckets = []
    for bucket in range(256):
        parts = []
        for part in range(16):
            lines = [
                f"{note.name}|1|{_sha256(note).hex()}\n"
                for note in history.now.values()
                if hashlib.sha256(note.name.encode()).hexdigest()[:3] == f"{bucket:02x}{part:x}"
            ]
            parts.append(hashlib.sha256("".join(lines).encode()).digest() if lines else empty)
        buckets.append(hashlib.sha256(b"".join(parts)).digest())
    tree = await history.digests.tree("alpha", None, "", ())
    assert [each.digest for each in tree.buckets] == buckets
    assert tree.whole.digest == hashlib.sha256(b"".join(buckets)).digest()
    assert (tree.whole.count, tree.head) == (2, await read_head(history.database))


@pytest.mark.parametrize("seed", range(3))
async def test_what_each_party_holds_at_each_position_is_what_the_feed_told_it(
    history: History, seed: int
) -> None:
    await history.wander(seed, 60)
    for position in range(0, 61, 4):
        for scope in (*PARTIES, "nobody", None):
            for types in ((), ("notes",)):
                tree = await history.digests.tree(scope, position, "", types)
                leaves = history.leaves(scope, position, *types)
                assert tree == tree_of(tree.head, parts_of(leaves)), (position, scope, types)
                assert tree.whole.count == len(leaves)
                assert tree.head.position == position


async def test_a_part_is_paged_in_order_of_names_with_or_without_the_resources(
    history: History,
) -> None:
    # Their order differs by language, and is that of their bytes.
    names = [f"notes/{each}" for each in ("a", "B", "é", "𬭎", "z", "Z", "～", "a-b", "ab")]
    by_part: dict[int, list[str]] = {}
    for name in names:
        by_part.setdefault(part_of(name), []).append(name)
    await history.write(*(Note(name, "x" * 2000) for name in names))
    head = await read_head(history.database)
    assert (await history.digests.tree("alpha", None, "", ())) == tree_of(
        head, parts_of(history.leaves("alpha", len(names)))
    )
    for part, expected in by_part.items():
        for with_resources in (False, True):
            found: list[Change] = []
            token = ""
            while True:
                entries, token = await history.digests.entries(
                    "alpha", head, (), part, page_size=1, page_token=token,
                    with_resources=with_resources,
                )  # fmt: skip
                found += entries
                if not token:
                    break
            assert [each.resource_name for each in found] == sorted(expected, key=str.encode)
            assert all(each.HasField("resource") is with_resources for each in found)
            assert all(each.resource_sha256 and each.position and each.version for each in found)
            assert not any(each.actor or each.actor_organisation for each in found)


async def test_pages_with_resources_are_bounded_in_bytes(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_module, "BYTES_MAX", 3_500)
    same = [f"notes/{n}" for n in range(60_000) if part_of(f"notes/{n}") == 7][:8]
    await history.write(*(Note(name, "x" * 1_000) for name in same))
    head = await read_head(history.database)
    sizes, token, names = [], "", []
    while True:
        entries, token = await history.digests.entries(
            None, head, (), 7, page_size=1000, page_token=token, with_resources=True
        )
        sizes.append(len(entries))
        names += [each.resource_name for each in entries]
        if not token:
            break
    assert names == sorted(same)
    assert sizes == [2, 2, 2, 2]
    entries, token = await history.digests.entries(
        None, head, (), 7, page_size=1000, page_token="", with_resources=False
    )
    assert (len(entries), token) == (8, "")


async def test_another_history_or_a_place_that_is_not_reached_is_said(history: History) -> None:
    await history.write(Note("notes/1"))
    head = await read_head(history.database)
    for position, epoch in ((2, ""), (1, "another"), (None, "another")):
        with pytest.raises(CursorExpired):
            await history.digests.tree("alpha", position, epoch, ())
    part = part_of("notes/1")

    async def entries(at: Head, token: str = "") -> str:
        _, following = await history.digests.entries(
            "alpha", at, (), part, page_size=1, page_token=token, with_resources=False
        )
        return following

    for wrong in (Head(2, head.epoch), Head(1, "another")):
        with pytest.raises(CursorExpired):
            await entries(wrong)
    with pytest.raises(PageTokenInvalid):
        await entries(head, "x")
    await raise_epoch(history.database)
    with pytest.raises(CursorExpired):
        await entries(head)


async def test_a_change_without_a_position_is_not_held_yet(history: History) -> None:
    await history.write(Note("notes/1", "old"))
    before = await history.digests.tree(None, None, "", ())
    await write(history.database, Note("notes/1", "new", version=2), Note("notes/2"))
    assert await history.digests.tree(None, None, "", ()) == before
    await Sequencer(history.database).number()
    assert (await history.digests.tree(None, None, "", ())).whole.count == 2
    assert await history.digests.tree(None, 1, "", ()) == before


async def test_more_at_a_time_than_the_database_bears_are_told_to_wait(history: History) -> None:
    await history.write(Note("notes/1"))
    async with history.database.connection() as connection, connection.transaction():
        # Nobody reads while this is held.
        await connection.execute("LOCK TABLE change_position IN ACCESS EXCLUSIVE MODE")
        asking = [
            asyncio.create_task(history.digests.tree(None, None, "", ()))
            for _ in range(digest_module.AT_ONCE_MAX + 2)
        ]
        done, waiting = await asyncio.wait(asking, timeout=1)
    assert len(done) == 2
    for each in done:
        with pytest.raises(ServiceBusy):
            each.result()
    for each in waiting:
        assert (await each).whole.count == 1
    assert (await history.digests.tree(None, None, "", ())).whole.count == 1


def test_what_differs_in_anything_has_another_leaf_and_every_part_is_in_a_bucket() -> None:
    one, other = b"1" * 32, b"2" * 32
    same = [leaf("a/1", 1, one), leaf("a/2", 1, one), leaf("a/1", 2, one), leaf("a/1", 1, other)]
    assert len(set(same)) == 4
    assert {part_of(f"n/{n}") for n in range(60_000)} == set(range(PARTS))
    assert PARTS == 256 * PARTS_OF_BUCKET
