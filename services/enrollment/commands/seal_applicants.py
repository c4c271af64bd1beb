"""Finds out who an applicant is, and seals what is personal, before a transaction begins.

The key store is a database of its own and no part of the command's transaction. The order is:
a data key, the claim of the ID number in the blind index, the sealed values, the transaction.
Whatever stops on the way, a later attempt succeeds:

- after the key: a key without a person, of use to nobody and harmless;
- after the claim, or when the transaction is rolled back or refused: the next attempt with the
  same ID number, by whomever, finds the holder of the claim and uses the holder's id as the
  person's. Whether that person *is enrolled* is decided by the service's own database alone;
- two attempts at once: the blind index has one holder, and both go on with it; the person's row
  and the index over memberships let one of them pass.

A person who was erased has left the index: the same ID number is then a new person. This module
must not log, and clear values must not outlive the call.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from chassis.errors import ServiceBusy
from chassis.ids import new_id
from chassis.keys import Claim, KeyStore, blind_index
from chassis.sealed import DataKey, Sealer
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.person import Applicant

_KIND: Final = "id_number"


@dataclass(frozen=True, kw_only=True)
class Details:
    """What an applicant says, in clear; `repr` shows none of it."""

    display_name: str = field(repr=False)
    id_number: IdNumber = field(repr=False)
    admission_number: str = field(repr=False)
    ethnicity_code: str = field(repr=False)
    made_up: bool


class ApplicantSealer:
    """Seals applicants with the keys of the persons that their ID numbers belong to."""

    def __init__(self, keys: KeyStore, index_key: bytes) -> None:
        self._keys = keys
        self._index_key = index_key

    async def seal(self, applicants: Sequence[Details]) -> list[Applicant]:
        """Return the applicants sealed; the same ID number gives the same person for ever."""
        digests = [blind_index(self._index_key, _KIND, each.id_number.text) for each in applicants]
        holders = await self._keys.find_holders(_KIND, digests)
        holders |= await self._claim([each for each in digests if each not in holders])
        keys = await self._keys.get_many(list(holders.values()))
        if any(holders.get(digest) not in keys for digest in digests):
            # Erased at this very moment: the next attempt finds the ID number free.
            raise ServiceBusy
        return [
            _seal(applicant, keys[holders[digest]])
            for applicant, digest in zip(applicants, digests, strict=True)
        ]

    async def _claim(self, digests: Sequence[bytes]) -> dict[bytes, UUID]:
        """Claim free values for new subjects; return who holds them now."""
        wanted = list(dict.fromkeys(digests))
        claims = [Claim(_KIND, digest, new_id()) for digest in wanted]
        await self._keys.create_many([claim.subject_id for claim in claims])
        holders = await self._keys.claim(claims)
        return {
            digest: holder
            for digest, holder in zip(wanted, holders, strict=True)
            if holder is not None
        }


def _seal(applicant: Details, key: DataKey) -> Applicant:
    def seal(name: str, clear: str) -> bytes:
        return Sealer.seal(key, key.subject_id, name, clear)

    number = applicant.id_number
    return Applicant(
        person_id=key.subject_id,
        sealed_display_name=seal("display_name", applicant.display_name),
        sealed_id_number=seal("id_number", number.text),
        sealed_masked_id_number=seal("masked_id_number", number.masked),
        sealed_admission_number=seal("admission_number", applicant.admission_number),
        birth_year=number.birth_date.year,
        sex_code=number.sex_code,
        ethnicity_code=applicant.ethnicity_code,
        made_up=applicant.made_up,
    )
