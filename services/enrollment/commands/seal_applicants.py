"""Finds out who an applicant is, and seals what is personal, before a transaction begins.

The key store is a database of its own and no part of the command's transaction. The order is:
a data key, by what the person may be found alike, the claim of the ID number in the blind index,
the sealed values, the transaction.
Whatever stops on the way, a later attempt succeeds:

- after the key: a key without a person, of use to nobody and harmless;
- after the claim, or when the transaction is rolled back or refused: the next attempt with the
  same ID number, by whomever, finds the holder of the claim and uses the holder's id as the
  person's. Whether that person *is enrolled* is decided by the service's own database alone;
- two attempts at once: the blind index has one holder, and both go on with it; the person's row
  and the index over memberships let one of them pass.

Where the holder was merged into another person, the applicant is sealed as the survivor; the
transaction looks again whether that still holds. A person who was erased has left the index: the
same ID number is then a new person. This module must not log, and clear values must not outlive
the call.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis import db
from chassis.errors import ServiceBusy
from chassis.ids import new_id
from chassis.keys import Claim, KeyStore
from chassis.sealed import KEY_BYTES, DataKey, Sealer
from services.enrollment.commands.identities import ADMISSION, ID_NUMBER, Identities
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.person import Applicant
from services.enrollment.store import person_merges


@dataclass(frozen=True, kw_only=True)
class Details:
    """What an applicant says, in clear; `repr` shows none of it."""

    display_name: str = field(repr=False)
    id_number: IdNumber = field(repr=False)
    admission_number: str = field(repr=False)
    ethnicity_code: str = field(repr=False)
    made_up: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom an ID number belongs to: the person's key, and the duplicate that answers with them.

    `is_new` where the number was claimed by this very call.
    """

    key: DataKey
    holder_id: UUID
    is_new: bool


class ApplicantSealer:
    """Seals applicants with the keys of the persons that their ID numbers belong to."""

    def __init__(self, keys: KeyStore, index_key: bytes, reader: db.Reader | None = None) -> None:
        """Take the service's own database, to follow merges; without one there are none."""
        self._keys = keys
        self._identities = Identities(keys, index_key)
        self._reader = reader

    async def seal(self, applicants: Sequence[Details]) -> list[Applicant]:
        """Return the applicants sealed; the same ID number gives the same person for ever."""
        holders = await self.recognise(applicants)
        return [
            self.seal_as(applicant, holder)
            for applicant, holder in zip(applicants, holders, strict=True)
        ]

    async def recognise(
        self, applicants: Sequence[Details], *, rehearsed: dict[bytes, DataKey] | None = None
    ) -> list[Holder]:
        """Return whom the ID numbers of applicants belong to, for ever.

        A rehearsal claims nothing: it gives the dictionary in which it keeps who would be new.
        """
        digests = [self._identities.digest(ID_NUMBER, each.id_number.text) for each in applicants]
        holders = await self._keys.find_holders(ID_NUMBER, digests)
        new = {
            digest: each
            for digest, each in zip(digests, applicants, strict=True)
            if digest not in holders
        }
        if rehearsed is not None:
            return await self._rehearse(digests, holders, rehearsed)
        claimed, created = await self._claim(new)
        holders |= claimed
        survivors = await self._survivors(
            [each for each in holders.values() if each not in created]
        )
        keys = created | await self._keys.get_many(list(survivors.values()))
        survivors |= {each: each for each in created}
        if any(holders.get(each) not in survivors for each in digests) or not (
            keys.keys() >= set(survivors.values())
        ):
            # Erased at this very moment: the next attempt finds the ID number free.
            raise ServiceBusy
        return [
            Holder(keys[survivors[holders[each]]], holders[each], is_new=holders[each] in created)
            for each in digests
        ]

    async def _rehearse(
        self,
        digests: Sequence[bytes],
        holders: Mapping[bytes, UUID],
        rehearsed: dict[bytes, DataKey],
    ) -> list[Holder]:
        survivors = await self._survivors(list(holders.values()))
        keys = await self._keys.get_many(list(survivors.values()))
        found = []
        for digest in digests:
            holder_id = holders.get(digest)
            if holder_id is None:
                key = rehearsed.get(digest) or DataKey(new_id(), 1, os.urandom(KEY_BYTES))
                rehearsed[digest] = key
                found.append(Holder(key, key.subject_id, is_new=False))
            elif survivors[holder_id] in keys:
                found.append(Holder(keys[survivors[holder_id]], holder_id, is_new=False))
            else:
                raise ServiceBusy
        return found

    async def _survivors(self, holders: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return for each holder the person that it answers with: mostly itself."""
        found = await person_merges.resolve(self._reader, holders) if self._reader else {}
        return {each: found.get(each, each) for each in holders}

    async def _claim(
        self, applicants: Mapping[bytes, Details]
    ) -> tuple[dict[bytes, UUID], dict[UUID, DataKey]]:
        """Claim free values for new subjects; return who holds them now, and the keys made."""
        if not applicants:
            return {}, {}
        claims = [Claim(ID_NUMBER, digest, new_id()) for digest in applicants]
        likenesses = [
            likeness
            for claim, each in zip(claims, applicants.values(), strict=True)
            for likeness in self._likenesses(claim.subject_id, each)
        ]
        keys, holders = await self._keys.introduce(claims, likenesses)
        return {
            claim.digest: holder
            for claim, holder in zip(claims, holders, strict=True)
            if holder is not None
        }, keys

    def _likenesses(self, subject_id: UUID, applicant: Details) -> tuple[Claim, Claim]:
        """Return by what one may be found alike: name with birth date, and the 学籍号 to be."""
        number = applicant.id_number
        return (
            self._identities.of_name(subject_id, applicant.display_name, number.birth_date),
            self._identities.of_number(subject_id, f"G{number.text}"),
        )

    def seal_as(self, applicant: Details, holder: Holder) -> Applicant:
        """Seal an applicant with the key of whom the ID number belongs to."""
        key, number = holder.key, applicant.id_number
        sealed = Sealer.seal_all(
            key,
            {
                "display_name": applicant.display_name,
                "id_number": number.text,
                "masked_id_number": number.masked,
                "admission_number": applicant.admission_number,
            },
        )
        return Applicant(
            person_id=key.subject_id,
            sealed_display_name=sealed["display_name"],
            sealed_id_number=sealed["id_number"],
            sealed_masked_id_number=sealed["masked_id_number"],
            sealed_admission_number=sealed["admission_number"],
            birth_year=number.birth_date.year,
            sex_code=number.sex_code,
            ethnicity_code=applicant.ethnicity_code,
            made_up=applicant.made_up,
            admission_digest=self._admission_digest(applicant),
            holder_id=holder.holder_id,
        )

    def _admission_digest(self, applicant: Details) -> bytes:
        number = applicant.admission_number.upper()
        return self._identities.digest(ADMISSION, number) if number else b""
