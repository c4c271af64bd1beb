"""Work that is due by the clock: done in bounded rounds, by one process of a service at a time.

A round that fails is logged and counted, and the next one tries again: what is due stays due.
This module must not know what the work is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter

from chassis.db import Database
from chassis.leadership import lead
from chassis.logs import get_logger
from chassis.temporary import describe, frames, is_temporary

EVERY_S: Final = 5.0

_log = get_logger(__name__)
_done = Counter("guantong_sweep_done", "Items done when they were due", ["service", "sweep"])
_refused = Counter("guantong_sweep_refused", "Due items that a rule refused", ["service", "sweep"])
_failed = Counter("guantong_sweep_failed", "Rounds that failed", ["service", "sweep"])


@dataclass(frozen=True, slots=True)
class Swept:
    """What a round came to; `has_more` asks for the next one at once."""

    done: int = 0
    refused: int = 0
    has_more: bool = False


class Sweep:
    """Rounds of one kind of work, by whichever process leads it."""

    def __init__(
        self,
        database: Database,
        work: Callable[[], Awaitable[Swept]],
        *,
        service: str,
        name: str,
        every_s: float = EVERY_S,
    ) -> None:
        self._database = database
        self._work = work
        self._labels = {"service": service, "sweep": name}
        self._name = name
        self._every_s = every_s

    async def run(self) -> None:
        """Run a round after another whenever this process leads, until cancelled."""
        await lead(self._database, f"sweep {self._name}", self._rounds)

    async def _rounds(self) -> None:
        while True:
            swept = await self._round()
            if not swept.has_more:
                await asyncio.sleep(self._every_s)

    async def _round(self) -> Swept:
        try:
            swept = await self._work()
        except Exception as error:  # noqa: BLE001 - what is due stays due, and others go on
            _failed.labels(**self._labels).inc()
            if is_temporary(error):
                _log.warning("sweep interrupted", sweep=self._name, error=describe(error))
            else:
                _log.error(
                    "sweep failed", sweep=self._name, error=describe(error), frames=frames(error)
                )
            return Swept()
        _done.labels(**self._labels).inc(swept.done)
        _refused.labels(**self._labels).inc(swept.refused)
        if swept.done or swept.refused:
            _log.info("swept", sweep=self._name, done=swept.done, refused=swept.refused)
        return swept
