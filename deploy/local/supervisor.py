"""Keeps started processes running: a death is reported and the process started again.

Back-off is bounded; a process that dies again and again makes the whole stack fail, for then
something is wrong that a restart does not mend.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from deploy.local.process import Process, ProcessFailed

T = TypeVar("T")
Report = Callable[[str], None]

LOOK_S = 0.1
BACK_OFF_FIRST_S = 0.2
BACK_OFF_MAX_S = 5.0
# A process that ran this long before it died starts with the first back-off again.
STEADY_S = 15.0
DEATHS_MAX = 8


class Supervisor:
    """Watches processes from the moment that they are ready."""

    def __init__(self, report: Report) -> None:
        """Take where to say what happens."""
        self._report = report
        self._watches: list[asyncio.Task[None]] = []
        self.failed = asyncio.Event()
        self.failure = ""

    async def start(self, *processes: Process) -> None:
        """Start processes together, wait until all are ready, and watch them from then on."""
        for process in processes:
            process.start()
        await asyncio.gather(*[wait_ready(process) for process in processes])
        for process in processes:
            watch = asyncio.create_task(self._watch(process))
            watch.add_done_callback(self._note_failure)
            self._watches.append(watch)

    async def run_unless_failed(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; raises ProcessFailed when a process keeps dying."""
        task = asyncio.ensure_future(work)
        failed = asyncio.ensure_future(self.failed.wait())
        try:
            await asyncio.wait({task, failed}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise ProcessFailed(self.failure)
        finally:
            failed.cancel()
            task.cancel()
            await asyncio.gather(task, failed, return_exceptions=True)

    async def stop(self, groups: Sequence[Sequence[Process]], *, within_s: float) -> None:
        """Stop watching, then stop the groups one after the other, each group together."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        for group in groups:
            stops = [asyncio.to_thread(process.stop, within_s=within_s) for process in group]
            await asyncio.gather(*stops)

    def _note_failure(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled() and (error := watch.exception()):
            self.failure = f"A process could not be started again: {error}"
            self.failed.set()

    async def _watch(self, process: Process) -> None:
        deaths = 0
        started = time.monotonic()
        while not self.failed.is_set():
            await asyncio.sleep(LOOK_S)
            if process.is_running:
                continue
            deaths = 1 if time.monotonic() - started > STEADY_S else deaths + 1
            if deaths > DEATHS_MAX:
                self.failure = f"{process.name} died {DEATHS_MAX} times; see {process.log}."
                self.failed.set()
                return
            pause_s = min(BACK_OFF_FIRST_S * 2 ** (deaths - 1), BACK_OFF_MAX_S)
            self._report(
                f"{process.name} {process.end}; starting it again in "
                f"{pause_s:.1f} s (log: {process.log})"
            )
            process.kill()  # what it left of its group
            await asyncio.sleep(pause_s)
            process.start()
            started = time.monotonic()


async def wait_ready(process: Process) -> None:
    """Wait until the program answers; raises ProcessFailed when it ends or takes too long."""
    deadline = time.monotonic() + process.ready_within_s
    while not await asyncio.to_thread(process.is_ready):
        process.check_starting(deadline)
        await asyncio.sleep(LOOK_S / 2)


async def wait_back(process: Process) -> None:
    """Wait until a process that was killed runs and answers again; raises ProcessFailed."""
    deadline = time.monotonic() + process.ready_within_s
    while not (process.is_running and await asyncio.to_thread(process.is_ready)):
        if time.monotonic() > deadline:
            raise ProcessFailed(f"{process.name} did not come back; see {process.log}.")
        await asyncio.sleep(LOOK_S / 2)
