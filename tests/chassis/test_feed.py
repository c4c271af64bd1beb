"""The feed: everything in scope, nothing else, from anywhere, and true positions."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from guantong.common.v1.event_pb2 import Change

from chassis import feed as feed_module
from chassis.db import Database
from chassis.epoch import Head, raise_epoch, read_head
from chassis.errors import CursorExpired
from chassis.feed import Feed, Page
from chassis.feed_tokens import FeedTokens, plain_token
from chassis.head_watch import HeadWatch
from chassis.sequencer import Sequencer
from tests.chassis.conftest import Note, until, write


@dataclass
class Source:
    database: Database
    sequencer: Sequencer
    heads: HeadWatch
    tokens: FeedTokens
    feed: Feed
    watching: list[asyncio.Task[None]] = field(default_factory=list)

    async def write(self, *notes: Note) -> None:
        await write(self.database, *notes)
        await self.sequencer.number()

    async def read_all(
        self, scope: str | None, *, types: tuple[str, ...] = (), size: int = 7
    ) -> list[Change]:
        """Page to the end, and check on the way what every page promises."""
        changes: list[Change] = []
        token, position = "", 0
        while True:
            page = await self.feed.list_changes(scope, token, types, size)
            assert len(page.changes) <= size
            assert all(position < each.position <= page.position for each in page.changes)
            changes += page.changes
            token, position = page.next_token, page.position
            if not page.more:
                assert position == (await read_head(self.database)).position
                return changes

    def watch(self, scope: str | None, into: list[Page], token: str = "") -> None:
        async def work() -> None:
            async for page in self.feed.watch(scope, token, ()):
                into.append(page)  # noqa: PERF401 - it is read while it grows

        self.watching.append(asyncio.create_task(work()))


@pytest.fixture
async def source(database: Database) -> AsyncIterator[Source]:
    tokens = FeedTokens.made_up()
    heads = HeadWatch(database, poll_s=0.01)
    feed = Feed(database, heads, tokens, service="notes", mark_s=0.2)
    made = Source(database, Sequencer(database), heads, tokens, feed)
    yield made
    for task in made.watching:
        task.cancel()
    await asyncio.gather(*made.watching, return_exceptions=True)


def mixed() -> list[Note]:
    audiences = [("alpha",), ("beta",), ("*",), ("alpha", "beta"), ()]
    kinds = ["notes", "letters", "photographs"]
    return [Note(f"{kinds[n % 3]}/{n}", text=str(n), audience=audiences[n % 5]) for n in range(100)]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_pages_hold_everything_in_scope_in_order_and_nothing_else(
    source: Source, size: int
) -> None:
    written = mixed()
    await source.write(*written)
    for scope in ("alpha", "beta", "gamma"):
        expected = [each.name for each in written if scope in each.audience or "*" in each.audience]
        got = await source.read_all(scope, size=size)
        assert [each.resource_name for each in got] == expected
        assert not any(each.removed for each in got)
    everything = await source.read_all(None, size=size)
    assert [each.position for each in everything] == list(range(1, 101))


async def test_a_change_carries_the_stored_bytes_and_their_digest(source: Source) -> None:
    await source.write(Note("notes/1", text="hello"))
    [change] = await source.read_all("alpha")
    assert change.resource.value == StringValue(value="hello").SerializeToString()
    assert (change.source, change.version) == ("notes", 1)
    assert len(change.resource_sha256) == 32


async def test_who_acted_is_told_to_the_own_organisation_and_to_who_reads_everything(
    source: Source,
) -> None:
    await source.write(Note("notes/1", audience=("alpha", "beta")))
    [everything] = await source.read_all(None)
    actor, organisation = everything.actor, everything.actor_organisation
    assert actor == "writer"
    for scope in ("alpha", "beta"):
        [told] = await source.read_all(scope)
        is_own = scope == organisation
        assert (told.actor, bool(told.traceparent)) == ((actor, True) if is_own else ("", False))
        assert told.actor_organisation == organisation


async def test_a_filter_returns_its_types_only_and_its_positions_are_true(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that pages with nothing to show come up as well.
    monkeypatch.setattr(feed_module, "SCAN_MAX", 4)
    written = mixed()
    await source.write(*written)
    for scope in (None, "alpha"):
        got = await source.read_all(scope, types=("letters",), size=3)
        assert [each.resource_name for each in got] == [
            each.name
            for each in written
            if each.name.startswith("letters/")
            and (scope is None or scope in each.audience or "*" in each.audience)
        ]


async def test_a_page_is_cut_before_it_grows_too_large(source: Source) -> None:
    await source.write(*(Note(f"notes/{n}", text="x" * 1_000_000) for n in range(7)))
    page = await source.feed.list_changes(None, "", (), 1000)
    assert (len(page.changes), page.more) == (3, True)
    assert len(await source.read_all(None, size=1000)) == 7


async def test_what_leaves_a_partys_scope_is_said_without_its_content(source: Source) -> None:
    await source.write(Note("notes/1", text="secret", audience=("alpha", "beta")))
    await source.write(Note("notes/1", text="more", audience=("beta",), version=2))
    await source.write(Note("notes/1", text="yet more", audience=("beta",), version=3))
    seen, removal = await source.read_all("alpha")
    assert not seen.removed
    assert removal.removed
    assert (removal.resource_name, removal.version) == ("notes/1", 2)
    assert not removal.HasField("resource")
    assert b"more" not in removal.SerializeToString()
    assert [each.removed for each in await source.read_all("beta")] == [False] * 3


async def test_a_page_size_of_zero_is_the_default_and_too_much_is_the_most(
    source: Source,
) -> None:
    await source.write(*(Note(f"notes/{n}") for n in range(900)))
    await source.write(*(Note(f"notes/x{n}") for n in range(200)))
    assert len((await source.feed.list_changes(None, "", (), 0)).changes) == 100
    assert len((await source.feed.list_changes(None, "", (), 2**31 - 1)).changes) == 1000


async def test_a_token_resumes_where_it_was_given(source: Source) -> None:
    await source.write(Note("notes/1"), Note("notes/2"))
    _, token = await source.feed.head(())
    await source.write(Note("notes/3"))
    page = await source.feed.list_changes("alpha", token, (), 10)
    assert [each.resource_name for each in page.changes] == ["notes/3"]
    # Nothing new is an empty page with a token, and no error.
    again = await source.feed.list_changes("alpha", page.next_token, (), 10)
    assert (again.changes, again.position, again.more) == ((), 3, False)


async def test_a_token_that_cannot_be_resumed_is_said(source: Source) -> None:
    await source.write(Note("notes/1"))
    head, token = await source.feed.head(("notes",))
    mistakes = {
        "another filter": token,
        "a changed signature": "A" + token[1:] if token[0] != "A" else "B" + token[1:],
        "no token at all": "%%%",
        "no ascii": "书",
        "too short": "AAAA",
        "another secret": FeedTokens.made_up().issue(head, ()),
        "beyond the head": source.tokens.issue(Head(2, head.epoch), ()),
        "another epoch": source.tokens.issue(Head(1, "1-1-1"), ()),
        "unsigned, from a party": plain_token(head),
    }
    for mistaken in mistakes.values():
        with pytest.raises(CursorExpired):
            await source.feed.list_changes("alpha", mistaken, (), 10)
        with pytest.raises(CursorExpired):
            await anext(source.feed.watch("alpha", mistaken, ()))
    with pytest.raises(CursorExpired):
        await source.feed.list_changes(None, plain_token(Head(9, head.epoch)), (), 10)
    assert await source.feed.list_changes(None, plain_token(head), (), 10)


async def test_after_a_new_epoch_every_token_has_expired(source: Source) -> None:
    await source.write(Note("notes/1"))
    _, token = await source.feed.head(())
    pages: list[Page] = []
    source.watch("alpha", pages)
    await until(lambda: bool(pages))
    await raise_epoch(source.database)
    with pytest.raises(CursorExpired):
        await source.feed.list_changes("alpha", token, (), 10)
    with pytest.raises(CursorExpired):
        await source.watching[0]


async def test_a_watcher_sees_what_is_there_and_then_each_change_as_it_comes(
    source: Source,
) -> None:
    await source.write(Note("notes/1"), Note("notes/2", audience=("beta",)))
    pages: list[Page] = []
    source.watch("alpha", pages)
    await until(lambda: len(pages) == 1)
    assert [each.resource_name for each in pages[0].changes] == ["notes/1"]
    assert pages[0].position == 2
    await source.write(Note("notes/3"))
    await until(lambda: any(each.position == 3 for page in pages for each in page.changes))


async def test_while_idle_a_watcher_gets_marks_that_are_true(source: Source) -> None:
    pages: list[Page] = []
    source.watch("alpha", pages)
    await until(lambda: len(pages) >= 2)
    assert all(not page.changes and page.position == 0 for page in pages)
    await source.write(Note("notes/1", audience=("beta",)))
    await until(lambda: pages[-1].position == 1)
    assert not any(page.changes for page in pages)
    resumed = await source.feed.list_changes("alpha", pages[-1].next_token, (), 10)
    assert resumed.position == 1


async def test_many_watchers_share_one_poll_and_each_sees_everything(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = 0
    now = HeadWatch.now

    async def counted(self: HeadWatch) -> Head:
        nonlocal polls
        polls += 1
        return await now(self)

    monkeypatch.setattr(HeadWatch, "now", counted)
    collected: list[list[Page]] = [[] for _ in range(50)]
    for pages in collected:
        source.watch("alpha", pages)
    await until(lambda: all(collected))
    polls = 0
    await asyncio.sleep(0.5)
    assert polls < 60
    for n in range(20):
        await source.write(Note(f"notes/{n}"))
    await until(lambda: all(pages[-1].position == 20 for pages in collected))
    for pages in collected:
        got = [each.position for page in pages for each in page.changes]
        assert got == list(range(1, 21))


async def test_a_watcher_that_is_far_behind_gets_everything(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "SIZE_MAX", 3)
    await source.write(*(Note(f"notes/{n}") for n in range(20)))
    pages: list[Page] = []
    source.watch("alpha", pages)
    await until(lambda: bool(pages) and pages[-1].position == 20)
    got = [each.position for page in pages for each in page.changes]
    assert got == list(range(1, 21))


def test_a_token_of_one_service_is_no_position_in_the_history_of_another(tmp_path: Path) -> None:
    # One secret for the suite, and one cluster: their epochs are alike.
    secret = tmp_path / "feed-secret"
    secret.write_bytes(b"x" * 32)
    mine, theirs = (FeedTokens.load(secret, service=each) for each in ("alpha", "beta"))
    token = mine.issue(Head(7, "e"), ())
    assert mine.read(token, (), allow_plain=False) == Head(7, "e")
    with pytest.raises(CursorExpired):
        theirs.read(token, (), allow_plain=False)


@pytest.mark.parametrize("seed", range(4))
async def test_who_begins_may_skip_what_is_superseded_and_holds_the_same(
    source: Source, seed: int
) -> None:
    """Records change, come and go while the pages are read."""
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    now: dict[str, Note] = {}

    async def change_some() -> None:
        for _ in range(chance.randrange(6)):
            name = f"notes/{chance.randrange(9)}"
            version = now[name].version + 1 if name in now else 1
            audience = tuple(each for each in ("alpha", "beta", "*") if chance.random() < 0.4)
            now[name] = Note(name, str(chance.random()), audience, version)
            await source.write(now[name])

    for _ in range(8):
        await change_some()
    for scope in ("alpha", "beta", "gamma", None):
        held: dict[str, int] = {}
        token, is_more = "", True
        while is_more:
            page = await source.feed.list_changes(scope, token, (), 3, skip_superseded=True)
            _hold(held, page)
            token, is_more = page.next_token, page.more
            if chance.random() < 0.5:
                await change_some()
        _hold(held, await source.feed.list_changes(scope, token, (), 1000))
        assert held == {
            name: note.version
            for name, note in now.items()
            if scope is None or {scope, "*"} & set(note.audience)
        }, scope


def _hold(held: dict[str, int], page: Page) -> None:
    for each in page.changes:
        if each.removed:
            held.pop(each.resource_name, None)
        else:
            held[each.resource_name] = each.version


async def test_what_is_superseded_is_skipped(source: Source) -> None:
    for version in range(1, 6):
        await source.write(Note("notes/1", version=version), Note("notes/2", version=version))
    page = await source.feed.list_changes("alpha", "", (), 1000, skip_superseded=True)
    assert [(each.resource_name, each.version) for each in page.changes] == [
        ("notes/1", 5),
        ("notes/2", 5),
    ]
    assert (page.position, page.more) == (10, False)
