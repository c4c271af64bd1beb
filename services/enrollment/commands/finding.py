"""Finds whom the rows of a file are about, and by what a row is known, before a transaction begins.

The key store is a database of its own and no part of the command's transaction. Whether the
caller's school may see a person who was found is the command's to say: here nothing is told of
anybody. This module must not log, and clear values must not outlive the call.
"""

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis import db
from chassis.keys import KeyStore
from chassis.sealed import DataKey
from services.enrollment.commands.identities import ID_NUMBER, NUMBER, Identities
from services.enrollment.store import person_merges


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReference:
    """By what a row names a person: one of these."""

    person_id: UUID | None = None
    id_number: str = field(default="", repr=False)
    student_number: str = field(default="", repr=False)

    @property
    def known_by(self) -> tuple[str, str] | None:
        """The kind of number, and the number; a formal 学籍号 is the ID number behind a G."""
        if self.id_number:
            return ID_NUMBER, self.id_number
        if self.student_number.startswith("G"):
            return ID_NUMBER, self.student_number[1:]
        return (NUMBER, self.student_number) if self.student_number else None


class PersonFinder:
    """Finds persons by the blind index, and follows merges to whom they answer with."""

    def __init__(self, keys: KeyStore, index_key: bytes, reader: db.Reader) -> None:
        self._keys = keys
        self._identities = Identities(keys, index_key)
        self._reader = reader

    async def find(self, references: Sequence[PersonReference]) -> list[UUID | None]:
        """Return whom each reference is of; None where nobody is known so."""
        digests = [self._digest(each) for each in references]
        holders = await self._holders(digest for digest in digests if digest)
        found = [
            holders.get(digest) if digest else reference.person_id
            for digest, reference in zip(digests, references, strict=True)
        ]
        survivors = await person_merges.resolve(self._reader, [each for each in found if each])
        return [survivors.get(each) if each else None for each in found]

    async def find_keys(self, references: Sequence[PersonReference]) -> list[DataKey | None]:
        """Return the key of whom each reference is of; None for nobody, and for the erased."""
        found = await self.find(references)
        keys = await self._keys.get_many([each for each in found if each])
        return [keys.get(each) if each else None for each in found]

    def _digest(self, reference: PersonReference) -> tuple[str, bytes] | None:
        named = reference.known_by
        return (named[0], self._identities.digest(*named)) if named else None

    async def _holders(self, wanted: Iterable[tuple[str, bytes]]) -> dict[tuple[str, bytes], UUID]:
        digests: dict[str, set[bytes]] = {}
        for kind, digest in wanted:
            digests.setdefault(kind, set()).add(digest)
        found: dict[tuple[str, bytes], UUID] = {}
        for kind, each in digests.items():
            holders = await self._keys.find_holders(kind, list(each))
            found |= {(kind, digest): holder for digest, holder in holders.items()}
        return found


def digest_of_row(key: DataKey, label: str, *values: Any) -> bytes:
    """Return a digest of what a row says of a person, which says nothing once the key is gone."""
    said = json.dumps([label, str(key.subject_id), *values], default=str, ensure_ascii=False)
    return hmac.digest(key.secret, said.encode(), "sha256")
