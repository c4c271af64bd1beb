"""By what persons are known again: digests of numbers, and of a name with a birth date.

An ID number and a 学籍号 are held by one person alone; a name with a birth date may be of many and
only hints at a duplicate. Both lie in the key store and go with the person's key. Clear values
must not outlive the call, and nothing here is logged.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from chassis.keys import Claim, KeyStore, blind_index

ADMISSION: Final = "admission_number"
ID_NUMBER: Final = "id_number"
NAME_AND_BIRTH: Final = "name_and_birth"
NUMBER: Final = "student_number"
# Middle dots of every kind, as transliterated names are written with one or another, and spaces.
_SEPARATORS: Final = re.compile(r"[\s.·•‧∙⋅・･．。]+")


def normalised_name(display_name: str) -> str:
    """Return a name in the one form in which names are compared: width, case, dots, spaces."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", display_name)).casefold()


class Identities:
    """Claims and finds the values by which persons are known again."""

    def __init__(self, keys: KeyStore, index_key: bytes) -> None:
        self._keys = keys
        self._index_key = index_key

    def digest(self, kind: str, value: str) -> bytes:
        """Return the keyed digest of a value."""
        return blind_index(self._index_key, kind, value)

    def of_name(self, person_id: UUID, display_name: str, birth_date: date) -> Claim:
        """Return what makes persons alike by name and birth date."""
        value = f"{normalised_name(display_name)}|{birth_date.isoformat()}"
        return Claim(NAME_AND_BIRTH, self.digest(NAME_AND_BIRTH, value), person_id)

    def of_number(self, person_id: UUID, number: str) -> Claim:
        """Return what makes persons alike by a 学籍号, or holds it."""
        return Claim(NUMBER, self.digest(NUMBER, number), person_id)

    async def note(self, claims: Sequence[Claim]) -> None:
        """Note by what persons may be found alike."""
        await self._keys.note_likenesses(claims)

    async def hold_number(self, person_id: UUID, number: str) -> UUID | None:
        """Take a 学籍号 for a person unless another holds it; return the holder.

        Part of no transaction: a claim that is not followed by a record stays with its person.
        """
        claim = self.of_number(person_id, number)
        (holder,) = await self._keys.claim([claim])
        return holder

    async def find_alike(self, person_ids: Sequence[UUID], *, limit: int) -> dict[UUID, list[str]]:
        """Return who may be the same as one of these, each with the kinds of likeness."""
        return await self._keys.find_alike(person_ids, limit=limit)
