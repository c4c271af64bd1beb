"""When a change is news to a copy, and which copies differ."""

import pytest
from guantong.common.v1.event_pb2 import Change

from chassis.copies import Leaf, differing, is_news, latest
from chassis.db import Database
from tests.chassis.conftest import Note, write

_A, _B = b"a" * 32, b"b" * 32


@pytest.mark.parametrize(
    ("copy", "version", "sha256"),
    [
        (None, 1, _A),
        (Leaf(1, _A), 2, _B),
        # Written anew by a source that was restored.
        (Leaf(2, _A), 2, _B),
    ],
)
def test_a_change_is_news_when_it_brings_the_copy_forward(
    copy: Leaf | None, version: int, sha256: bytes
) -> None:
    assert is_news(copy, Change(version=version, resource_sha256=sha256))


@pytest.mark.parametrize(
    ("copy", "version", "sha256"), [(Leaf(2, _B), 2, _B), (Leaf(3, _B), 2, _A)]
)
def test_a_change_that_the_copy_has_already_is_no_news(
    copy: Leaf, version: int, sha256: bytes
) -> None:
    assert not is_news(copy, Change(version=version, resource_sha256=sha256))


async def test_exactly_the_differing_records_are_named(database: Database) -> None:
    await write(database, *(Note(f"notes/{n}", text=str(n)) for n in range(5)), Note("other/1"))
    await write(database, Note("notes/2", text="changed", version=2))
    source = await latest(database, ["notes"])
    assert len(source) == 5
    assert source["notes/2"].version == 2
    copies = dict(source)
    assert differing(copies, source) == []
    copies["notes/1"] = Leaf(1, _A)
    copies["notes/9"] = Leaf(1, _A)
    del copies["notes/4"]
    assert differing(copies, source) == ["notes/1", "notes/4", "notes/9"]
