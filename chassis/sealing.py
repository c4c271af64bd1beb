"""Seals what people write about a subject, before a transaction begins: it may say anything.

The key store is a database of its own and no part of the command's transaction. This module must
not log, and clear texts must not outlive the call.
"""

from uuid import UUID

from chassis.keys import KeyStore
from chassis.sealed import Sealer


class TextSealer:
    """Seals texts with the keys of the subjects whom they are about."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def seal(self, subject_id: UUID, **texts: str) -> dict[str, bytes]:
        """Return `sealed_{name}` for each text; empty for an empty one.

        Of a subject who was erased nothing is kept: the step is taken, its words are not.
        """
        keys = await self._keys.get_many([subject_id])
        key = keys.get(subject_id)
        return {
            f"sealed_{name}": Sealer.seal(key, subject_id, name, text) if key and text else b""
            for name, text in texts.items()
        }
