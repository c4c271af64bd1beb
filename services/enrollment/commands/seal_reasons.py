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
from chassis.sealed import DataKey, Sealer
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
        return self.seal_with(keys[person_id], ground=ground, reason=reason, facts=facts)

    @staticmethod
    def seal_with(key: DataKey, *, ground: Ground, reason: str, facts: Facts) -> SealedReason:
        """Return the reason sealed with a key that is at hand."""
        return SealedReason(
            sealed_ground=Sealer.seal(key, key.subject_id, "ground", ground),
            sealed_reason=Sealer.seal(key, key.subject_id, "reason", reason),
            sealed_facts=Sealer.seal(key, key.subject_id, "facts", facts_text(facts)),
        )


def facts_text(facts: Facts) -> str:
    """Return the facts that were given as one text, the same for the same facts."""
    said = {name: value for name, value in asdict(facts).items() if value}
    return json.dumps(said, default=date.isoformat)
