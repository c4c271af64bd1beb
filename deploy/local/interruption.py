"""Turns Ctrl-C, SIGTERM and a closed terminal into a cancellation: all is stopped in order."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def until_interrupted(run: Coroutine[Any, Any, None]) -> None:
    """Run to the end; raises CancelledError when a signal comes first, after `run` tidied up."""
    task = asyncio.ensure_future(run)
    loop = asyncio.get_running_loop()
    for each in SIGNALS:
        loop.add_signal_handler(each, task.cancel)
    await task
