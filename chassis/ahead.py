"""Prepares the next item of a stream while the present one is being dealt with, and no more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")
_END: Final = object()


async def one_ahead(source: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Yield the items of a stream; the next is already on its way when one is taken.

    An error of the source is raised in its place: what came before it is yielded first. The
    source is closed by whoever gave it.
    """
    coming = asyncio.ensure_future(_next(source))
    try:
        while (item := await coming) is not _END:
            coming = asyncio.ensure_future(_next(source))
            yield item  # type: ignore[misc] # it is not the end
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await coming


async def _next(source: AsyncIterator[T]) -> T | object:
    return await anext(source, _END)
