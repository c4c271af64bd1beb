"""Seals why a change is asked for, before a transaction begins: it may speak of health.

The key store is a database of its own and no part of the command's transaction. This module must
not log, and clear values must not outlive the call.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from uuid import UUID

from chassis.errors import ServiceBusy
from chassis.keys import KeyStore
from chassis.sealed import Sealer
from services.enrollment.domain.status_change import Ground
from services.enrollment.domain.status_rules import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedReason:
    """Why, in a word and in words, and the facts; sealed with the student's key."""

    sealed_ground: bytes = field(repr=False)
    sealed_reason: bytes = field(repr=False)
    sealed_facts: bytes = field(repr=False)


class ReasonSealer:
    """Seals reasons with the keys of the students that they are about."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def seal(
        self, person_id: UUID, *, ground: Ground, reason: str, facts: Facts
    ) -> SealedReason:
        """Return the reason sealed; raises ServiceBusy for a person who is erased meanwhile."""
        keys = await self._keys.get_many([person_id])
        if person_id not in keys:
            raise ServiceBusy
        key = keys[person_id]
        said = {name: value for name, value in asdict(facts).items() if value}
        return SealedReason(
            sealed_ground=Sealer.seal(key, person_id, "ground", ground),
            sealed_reason=Sealer.seal(key, person_id, "reason", reason),
            sealed_facts=Sealer.seal(
                key, person_id, "facts", json.dumps(said, default=date.isoformat)
            ),
        )
