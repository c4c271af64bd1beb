"""The master keys that wrap data keys, and the files that hold secret keys.

A key file holds one 32-byte key in base64 a line; lines after the first are older keys that
still unwrap, so that the master key can be changed while services run. This module must not
reach the key store, and no key ever shows in a log, an error or a `repr`.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from chassis.sealed import KEY_BYTES

_NONCE_BYTES: Final = 12
_FILE_MAX_BYTES: Final = 4 * 1024
# A group may read: that is how an orchestrator hands secrets to a process.
_OPEN_TO_OTHERS: Final = 0o027


class KeyFileInvalid(Exception):
    """A key file is missing, malformed, or open to others; the text names the file."""


class UnwrapFailed(Exception):
    """A data key does not unwrap: its master key is not at hand, or the row was altered."""


class MasterKey:
    """One master key; its id is stored beside what it wraps."""

    __slots__ = ("_cipher", "id")

    def __init__(self, secret: bytes) -> None:
        """Take the 32 secret bytes."""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        # A digest of a random key tells nothing about it.
        self.id = hashlib.sha256(b"master key id|" + secret).hexdigest()[:16]
        self._cipher = AESGCMSIV(secret)

    def __repr__(self) -> str:
        return f"MasterKey({self.id})"

    def wrap(self, secret: bytes, subject_id: UUID, generation: int) -> bytes:
        """Return a data key's bytes wrapped for exactly this subject and generation."""
        nonce = os.urandom(_NONCE_BYTES)
        associated = _associated(subject_id, generation)
        return nonce + self._cipher.encrypt(nonce, secret, associated)

    def unwrap(self, wrapped: bytes, subject_id: UUID, generation: int) -> bytes:
        """Return the bytes that were wrapped; raises UnwrapFailed."""
        nonce, ciphertext = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _associated(subject_id, generation))
        except (InvalidTag, ValueError):
            raise UnwrapFailed(f"the wrapped key of {subject_id} was altered") from None


class MasterKeys:
    """The current master key and the older ones that still unwrap."""

    def __init__(self, current: MasterKey, older: Sequence[MasterKey] = ()) -> None:
        """Take the key to wrap with, and others to unwrap with."""
        self.current = current
        self._by_id = {key.id: key for key in (*older, current)}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file; raises KeyFileInvalid."""
        current, *older = (MasterKey(secret) for secret in _read_secrets(path))
        return cls(current, older)

    def __iter__(self) -> Iterator[MasterKey]:
        return iter(self._by_id.values())

    def unwrap(
        self, wrapped: bytes, master_key_id: str, subject_id: UUID, generation: int
    ) -> bytes:
        """Return a data key's bytes; raises UnwrapFailed."""
        master = self._by_id.get(master_key_id)
        if master is None:
            raise UnwrapFailed(f"the master key {master_key_id} is not in the key file")
        return master.unwrap(wrapped, subject_id, generation)


def load_secret(path: Path) -> bytes:
    """Return the one key of a key file, for example that of the blind index."""
    read = _read_secrets(path)
    if len(read) != 1:
        raise KeyFileInvalid(f"{path} must hold exactly one key")
    return read[0]


def create_key_file(path: Path) -> None:
    """Write a file with a new random key, readable by its owner only; never replaces one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")


def _read_secrets(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            is_open = os.fstat(file.fileno()).st_mode & _OPEN_TO_OTHERS
            lines = file.read(_FILE_MAX_BYTES).split()
        read = [base64.b64decode(line, validate=True) for line in lines]
    except OSError as error:
        raise KeyFileInvalid(f"{path} cannot be read: {error.strerror}") from None
    except binascii.Error:
        raise KeyFileInvalid(f"{path} must hold base64 lines") from None
    if is_open:
        raise KeyFileInvalid(f"{path} is open to others; allow its owner alone (chmod 600)")
    if not read or any(len(secret) != KEY_BYTES for secret in read):
        raise KeyFileInvalid(f"{path} must hold keys of {KEY_BYTES} bytes in base64, one a line")
    return read


def _associated(subject_id: UUID, generation: int) -> bytes:
    return b"data key|" + subject_id.bytes + generation.to_bytes(2, "big")
