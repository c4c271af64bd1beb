"""One item is prepared while the one before it is dealt with, and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from chassis.ahead import one_ahead


async def test_the_next_item_and_no_other_is_under_way() -> None:
    made: list[int] = []

    async def source() -> AsyncIterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    seen = []
    async with aclosing(one_ahead(source())) as items:
        async for item in items:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append((item, len(made)))
    assert seen == [(0, 2), (1, 3), (2, 4), (3, 5), (4, 5)]


async def test_an_error_comes_in_its_place() -> None:
    async def source() -> AsyncIterator[int]:
        yield 1
        raise ValueError("second")

    seen: list[int] = []

    async def take() -> None:
        async for item in one_ahead(source()):
            await asyncio.sleep(0.01)
            seen.append(item)

    with pytest.raises(ValueError, match="second"):
        await take()
    assert seen == [1]


async def test_what_is_under_way_ends_when_nobody_wants_it() -> None:
    ended = asyncio.Event()

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(60)
        finally:
            ended.set()

    async with aclosing(one_ahead(source())) as items:
        async for _ in items:
            await asyncio.sleep(0.01)
            break
    assert ended.is_set()
