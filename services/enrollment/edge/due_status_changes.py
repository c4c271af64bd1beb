"""What enrollment does when a day comes: approved changes take effect (date in, command out).

Each change is put into effect in a transaction of its own, as its school would have done. One that
the rules refuse by now stays approved, is said in the log, and is tried again on the next day.
"""

import os
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from chassis import changes, db
from chassis.clock import Clock, civil_date
from chassis.errors import DomainError
from chassis.etags import etag_of
from chassis.foundation import Foundation
from chassis.identity import Caller
from chassis.logs import get_logger
from chassis.sweeping import Sweep, Swept
from services.enrollment.commands.changing import Target
from services.enrollment.commands.effect_status_changes import effect_status_changes
from services.enrollment.store import status_changes
from services.enrollment.store.status_changes import DueChange

ROUND_MAX: Final = 200
_ACTOR: Final = "system:enrollment"

_log = get_logger(__name__)


def sweep_due_status_changes(base: Foundation, encoders: changes.Encoders) -> Sweep:
    """Return the sweep that puts due changes into effect in a running service."""
    due = DueStatusChanges(base.database, encoders, base.clock)
    return Sweep(base.database, due.sweep, service=base.settings.service, name="due status changes")


class DueStatusChanges:
    """Puts the changes into effect whose effective date has come, a bounded number a round."""

    def __init__(
        self,
        database: db.Database,
        encoders: changes.Encoders,
        clock: Clock,
        *,
        round_max: int = ROUND_MAX,
    ) -> None:
        self._database = database
        self._encoders = encoders
        self._clock = clock
        self._round_max = round_max
        # What was refused today: versions, which are not tried again before tomorrow.
        self._refused: dict[UUID, int] = {}
        self._refused_on = date.min

    async def sweep(self) -> Swept:
        """Put into effect what is due now."""
        now = self._clock.now()
        today = civil_date(now)
        if today != self._refused_on:
            self._refused, self._refused_on = {}, today
        due = await self._find(today)
        results = [await self._effect(each, now) for each in due]
        done = sum(results)
        return Swept(
            done=done, refused=len(results) - done, has_more=len(results) == self._round_max
        )

    async def _find(self, today: date) -> list[DueChange]:
        """Return the first that are due and were not refused today."""
        found: list[DueChange] = []
        after: DueChange | None = None
        while len(found) < self._round_max:
            page = await status_changes.find_due(
                self._database, today=today, after=after, limit=self._round_max
            )
            found += [each for each in page if self._refused.get(each.id) != each.version]
            if len(page) < self._round_max:
                break
            after = page[-1]
        return found[: self._round_max]

    async def _effect(self, due: DueChange, now: datetime) -> bool:
        """Put one change into effect; say whether it was done."""
        result = await self._database.transact(partial(self._transact, due, now))
        if isinstance(result, DomainError):
            self._refused[due.id] = due.version
            _log.warning("due status change refused", change_id=str(due.id), reason=result.reason)
            return False
        return True

    async def _transact(self, due: DueChange, now: datetime, tx: db.Transaction) -> object:
        caller = Caller(_ACTOR, due.organisation, frozenset({"system"}))
        item = Target(id=due.id, etag=etag_of(due.version))
        (result,) = await effect_status_changes(tx, [item], caller=caller, now=now)
        origin = changes.Origin(
            actor=_ACTOR,
            organisation=due.organisation,
            business_time=now,
            traceparent=f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
        )
        await changes.record(tx, self._encoders, origin)
        return result
