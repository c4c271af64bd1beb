"""The key store: one data key a subject, wrapped by the master key, and the blind index.

Destroying a subject's data key is how the subject is erased: everything that was sealed with it,
in tables, events and backups, stays closed for ever. This module must not know what a subject
is, must not log, and must never hand out a key that it has not read from the store itself.

Keys are remembered per process for `cache_ttl_s`: a process other than the one that destroyed a
key can open that subject's values for at most so long.
"""

import hmac
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg

from chassis import bulk, db
from chassis.cache import ExpiringCache
from chassis.errors import ServiceBusy
from chassis.keystore import statements as sql
from chassis.keystore.rotation import rewrap_all, unwrap
from chassis.keystore.tables import REASON_MAX_CHARS
from chassis.master_keys import MasterKey, MasterKeys
from chassis.sealed import KEY_BYTES, DataKey

# Rows a statement: the event loop is held for some milliseconds by the cryptography of so many.
CHUNK_ROWS: Final = 1_000
ERASURES_MAX: Final = 10_000
_NO_ID: Final = UUID(int=0)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Claim:
    """A value, by its digest of a kind, that a subject wants to hold alone."""

    kind: str
    digest: bytes
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Erasure:
    """A line of the list of erasures."""

    subject_id: UUID
    reason: str
    erase_time: datetime


def blind_index(index_key: bytes, kind: str, value: str) -> bytes:
    """Return the keyed digest by which equal values of a kind are found without being read.

    The caller brings the value into one form first (case, width, NFC): other bytes, other digest.
    """
    if len(index_key) < KEY_BYTES:
        raise ValueError(f"an index key has {KEY_BYTES} bytes")
    return hmac.digest(index_key, kind.encode() + b"\x00" + value.encode(), "sha256")


class KeyStore:
    """Creates, finds, rewraps and destroys data keys, and says who holds a value."""

    def __init__(
        self,
        database: db.Database,
        master_keys: MasterKeys,
        *,
        cache_size: int = 10_000,
        cache_ttl_s: float = 60.0,
    ) -> None:
        """Take the key store's own database and the master keys."""
        self._database = database
        self._master_keys = master_keys
        self._cache: ExpiringCache[UUID, DataKey] = ExpiringCache(cache_size)
        self._cache_ttl_s = cache_ttl_s
        self._erasures = 0

    async def create_many(self, subject_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        """Return the key of each subject, created where there is none.

        A subject that was erased gets no key again and is absent from the answer. Repeating the
        call is safe: a key, once there, stays the same.
        """
        keys, unknown = self._recall(subject_ids)
        for chunk in _chunks(sorted(unknown)):
            keys |= await self._create_chunk(chunk)
        return keys

    async def get_many(self, subject_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        """Return the key of each subject that has one: the erased and the unknown are absent."""
        keys, unknown = self._recall(subject_ids)
        for chunk in _chunks(unknown):
            keys |= await self._get_chunk(chunk)
        return keys

    async def destroy(self, subject_id: UUID, *, reason: str, now: datetime) -> None:
        """Erase a subject: key and blind index go, the list of erasures keeps the id.

        All of it in one transaction. Repeating the call is safe; the first reason and time stay.
        The reason must name no person.
        """
        if len(reason) > REASON_MAX_CHARS:
            raise ValueError(f"a reason has at most {REASON_MAX_CHARS} characters")

        async def work(transaction: db.Transaction) -> None:
            await transaction.execute(sql.LOCK)
            await _list_erased(transaction, [Erasure(subject_id, reason, now)])
            await transaction.execute(sql.DELETE, subject_id=subject_id)

        await self._database.transact(work)
        self._erasures += 1
        self._cache.drop(subject_id)

    async def list_erasures(self, *, after: UUID = _NO_ID) -> list[Erasure]:
        """Return up to ERASURES_MAX erasures from behind a subject id, to be kept elsewhere."""
        rows = await self._database.fetch(sql.ERASURES, after=after, limit_count=ERASURES_MAX)
        return [Erasure(row["subject_id"], row["reason"], row["erase_time"]) for row in rows]

    async def reapply_erasures(self, erasures: Sequence[Erasure] = ()) -> int:
        """Destroy again, after a restore, what was erased; return how many keys were destroyed.

        `erasures` is the list as it was kept outside: the restored one is as old as its backup.
        """

        async def work(transaction: db.Transaction) -> int:
            await transaction.execute(sql.LOCK)
            for chunk in _chunks(erasures):
                await _list_erased(transaction, chunk)
            return await transaction.execute(sql.DELETE_ERASED)

        count = await self._database.transact(work)
        self._erasures += 1
        self._cache.clear()
        return count

    async def rotate(self, new_master: MasterKey) -> int:
        """Wrap every data key under a new master key; return how many were wrapped anew.

        Data keys and sealed values stay as they are. The new key must be in the key file of every
        running process before this is called. Interrupted, it is simply called again.
        """
        self._master_keys = MasterKeys(new_master, list(self._master_keys))
        return await rewrap_all(self._database, self._master_keys)

    async def claim(self, claims: Sequence[Claim]) -> list[UUID | None]:
        """Take each value for its subject unless it is held; return the holders, in order.

        The claimant got it if the holder is the claimant. None stands for a claimant that has no
        key. The store is no part of the caller's transaction: when that fails the claim stays,
        and whoever claims the value next is told a holder that never came to be. So a caller
        goes on with the holder's id as the subject's, whether it is new to it or not.
        """
        rows = []
        for chunk in _chunks(claims):
            rows += await self._claim_chunk(chunk)
        return [row["subject_id"] for row in rows]

    async def introduce(
        self, claims: Sequence[Claim], likenesses: Sequence[Claim]
    ) -> tuple[dict[UUID, DataKey], list[UUID | None]]:
        """Create keys of new subjects, note their likenesses and claim their values, all at once.

        Subjects must have ids that nobody knows yet. Returns the keys, and the holders of the
        claimed values as `claim` does: a subject whose value another holds has a key for nothing.
        """
        keys: dict[UUID, DataKey] = {}
        holders: list[UUID | None] = []
        for chunk in _chunks(claims):
            made = self._make([claim.subject_id for claim in chunk])
            own = [each for each in likenesses if each.subject_id in made]
            rows = await self._introduce_chunk(made, own, chunk)
            holders += [row["subject_id"] for row in rows]
            keys |= made
        return keys, holders

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give values up, each only if that very subject holds it."""
        for chunk in _chunks(claims):
            await self._write(sql.RELEASE, **_columns_of(chunk))

    async def note_likenesses(self, claims: Sequence[Claim]) -> None:
        """Note values that subjects have and that many may have; they go with their keys."""
        for chunk in _chunks(claims):
            await self._write(sql.NOTE_LIKENESSES, **_columns_of(chunk))

    async def find_alike(self, subject_ids: Sequence[UUID], *, limit: int) -> dict[UUID, list[str]]:
        """Return the other subjects that have a value of these, each with the kinds of value."""
        rows = await self._database.fetch(
            sql.FIND_ALIKE, subject_ids=list(subject_ids), limit_count=limit
        )
        alike: dict[UUID, list[str]] = {}
        for row in rows:
            alike.setdefault(row["subject_id"], []).append(row["kind"])
        return alike

    async def find_holders(self, kind: str, digests: Sequence[bytes]) -> dict[bytes, UUID]:
        """Return who holds each of the values; those that nobody holds are absent."""
        rows = []
        for chunk in _chunks(digests):
            rows += await self._database.fetch(sql.FIND_HOLDERS, kind=kind, digests=list(chunk))
        return {row["digest"]: row["subject_id"] for row in rows}

    async def _create_chunk(self, subject_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        erasures = self._erasures
        made = self._make(subject_ids)
        master = self._master_keys.current
        rows = await self._write(
            sql.CREATE,
            subject_ids=list(made),
            wrapped=[
                master.wrap(key.secret, key.subject_id, key.generation) for key in made.values()
            ],
            master_key_id=master.id,
        )
        keys = {row["subject_id"]: made[row["subject_id"]] for row in rows}
        self._remember(keys, erasures)
        there_before = [each for each in subject_ids if each not in keys]
        return keys | await self._get_chunk(there_before) if there_before else keys

    @staticmethod
    def _make(subject_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        return {
            each: DataKey(each, sql.FIRST_GENERATION, os.urandom(KEY_BYTES)) for each in subject_ids
        }

    async def _introduce_chunk(
        self, made: Mapping[UUID, DataKey], likenesses: Sequence[Claim], claims: Sequence[Claim]
    ) -> list[db.Row]:
        master = self._master_keys.current
        generation = sql.FIRST_GENERATION
        keys = [
            (each, master.wrap(key.secret, each, generation), master.id, generation)
            for each, key in made.items()
        ]
        # Two of the same kind and value would be a conflict.
        alike = list(
            dict.fromkeys((each.subject_id, each.kind, each.digest) for each in likenesses)
        )

        async def work(tx: db.Transaction) -> list[db.Row]:
            await bulk.write_tuples(tx, sql.ADD_KEYS, sql.KEY_COLUMNS, keys)
            await bulk.write_tuples(tx, sql.ADD_LIKENESSES, sql.LIKENESS_COLUMNS, alike)
            return await tx.fetch(sql.CLAIM, **_columns_of(claims))

        return await self._database.transact(work)

    async def _get_chunk(self, subject_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        erasures = self._erasures
        rows = await self._database.fetch(sql.GET, subject_ids=list(subject_ids))
        keys = {
            row["subject_id"]: DataKey(
                row["subject_id"], row["generation"], unwrap(self._master_keys, row)
            )
            for row in rows
        }
        self._remember(keys, erasures)
        return keys

    async def _claim_chunk(self, claims: Sequence[Claim]) -> list[db.Row]:
        try:
            return await self._write(sql.CLAIM, **_columns_of(claims))
        except asyncpg.ForeignKeyViolationError as error:
            # A claimant was erased at this very moment; the next look at it will say so.
            raise ServiceBusy from error

    async def _write(self, statement: db.Statement, **params: Any) -> list[db.Row]:
        return await self._database.transact(lambda tx: tx.fetch(statement, **params))

    def _recall(self, subject_ids: Sequence[UUID]) -> tuple[dict[UUID, DataKey], list[UUID]]:
        """Return the keys that are remembered, and the ids of the others, each once."""
        now_s = time.monotonic()
        keys: dict[UUID, DataKey] = {}
        unknown: dict[UUID, None] = {}
        for subject_id in subject_ids:
            key = self._cache.find(subject_id, now_s)
            if key is None:
                unknown[subject_id] = None
            else:
                keys[subject_id] = key
        return keys, list(unknown)

    def _remember(self, keys: Mapping[UUID, DataKey], erasures: int) -> None:
        # A key that was read before an erasure ended may be the erased one.
        if erasures != self._erasures:
            return
        expiry = time.monotonic() + self._cache_ttl_s
        for subject_id, key in keys.items():
            self._cache.put(subject_id, key, expiry=expiry)


async def _list_erased(transaction: db.Transaction, erasures: Sequence[Erasure]) -> None:
    await transaction.execute(
        sql.LIST_ERASED,
        subject_ids=[each.subject_id for each in erasures],
        reasons=[each.reason for each in erasures],
        erase_times=[each.erase_time for each in erasures],
    )


def _columns_of(claims: Sequence[Claim]) -> dict[str, list[Any]]:
    return {
        "kinds": [claim.kind for claim in claims],
        "digests": [claim.digest for claim in claims],
        "subject_ids": [claim.subject_id for claim in claims],
    }


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK_ROWS):
        yield items[start : start + CHUNK_ROWS]
