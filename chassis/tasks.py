"""Waiting and ending, so that a cancellation is never lost.

Python 3.11's `asyncio.wait_for` swallows a cancellation that comes together with the result, and
libraries use it; so this code waits by `asyncio.timeout` and asks more than once.
"""

import asyncio
from typing import Any

_ASK_AGAIN_S = 1.0


async def happens(event: asyncio.Event, *, within_s: float) -> bool:
    """Wait for an event and say whether it came in time."""
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended, however they end."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_ASK_AGAIN_S)
    for task in tasks:
        if not task.cancelled():
            # Its failure, if any, was taken note of: it is not reported as forgotten.
            task.exception()
