"""Personal values, sealed so that they may lie in tables, change rows, events and backups.

A value is sealed with the data key of the subject whom it is about and bound to subject and
field: moved to another field or subject it does not open. This module knows no key store and no
subject beyond an id. It must not log, and no error of it holds a clear value.

Layout: version (1 byte) | generation of the data key (2 bytes) | nonce (12) | ciphertext and tag.
"""

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from chassis.errors import DomainError, Kind

KEY_BYTES: Final = 32
CLEAR_MAX_BYTES: Final = 64 * 1024
_VERSION: Final = 1
_HEAD: Final = struct.Struct(">BH")
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_TEXT_START: Final = _HEAD.size + _NONCE_BYTES
_SEALED_BYTES_MIN: Final = _TEXT_START + _TAG_BYTES


class SealBroken(DomainError):
    """A sealed value does not open: altered, of another subject or field, or of another key."""

    kind = Kind.DATA_LOSS
    zh = "字段“{field}”的加密内容无法解开，可能已损坏。请联系管理员核查。"
    en = "The sealed value of {field} does not open; it may be damaged. Ask the administrator."


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one subject; its secret bytes show nowhere.

    It holds bytes and makes a cipher at each use: that costs a microsecond, and a cipher at rest
    twenty times the memory.
    """

    subject_id: UUID
    generation: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a data key has {KEY_BYTES} bytes")


class Sealer:
    """Seals and opens one value of one field."""

    @staticmethod
    def seal(key: DataKey, subject_id: UUID, field: str, clear: str) -> bytes:
        """Return the sealed value; sealing twice gives two different values.

        Raises ValueError for a key of another subject and for text that is not to be encoded.
        """
        _check_subject(key, subject_id)
        text = _encode(clear)
        head = _HEAD.pack(_VERSION, key.generation)
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCMSIV(key.secret)
        return head + nonce + cipher.encrypt(nonce, text, _associated(head, subject_id, field))

    @staticmethod
    def seal_all(key: DataKey, clear: Mapping[str, str]) -> dict[str, bytes]:
        """Seal several fields of the key's subject, as `seal` does each, with one cipher."""
        head = _HEAD.pack(_VERSION, key.generation)
        prefix = head + key.subject_id.bytes + b"|"
        encrypt = AESGCMSIV(key.secret).encrypt
        nonces = os.urandom(_NONCE_BYTES * len(clear))
        sealed = {}
        for index, (name, text) in enumerate(clear.items()):
            nonce = nonces[index * _NONCE_BYTES : (index + 1) * _NONCE_BYTES]
            sealed[name] = head + nonce + encrypt(nonce, _encode(text), prefix + name.encode())
        return sealed

    @staticmethod
    def open(key: DataKey, subject_id: UUID, field: str, sealed: bytes) -> str:
        """Return the clear value; raises SealBroken unless it was sealed by exactly these."""
        _check_subject(key, subject_id)
        return Opener(key).open(field, sealed)


class Opener:
    """Opens several values of one subject: the cipher is made once for them."""

    __slots__ = ("_cipher", "_head", "_subject")

    def __init__(self, key: DataKey) -> None:
        self._cipher = AESGCMSIV(key.secret)
        self._head = _HEAD.pack(_VERSION, key.generation)
        self._subject = key.subject_id

    def open(self, field: str, sealed: bytes) -> str:
        """Return the clear value of a field; raises SealBroken unless it was sealed as that."""
        head = self._head
        if len(sealed) < _SEALED_BYTES_MIN or not sealed.startswith(head):
            raise SealBroken(field=field)
        try:
            clear = self._cipher.decrypt(
                sealed[_HEAD.size : _TEXT_START],
                sealed[_TEXT_START:],
                _associated(head, self._subject, field),
            )
        except InvalidTag:
            raise SealBroken(field=field) from None
        return clear.decode("utf-8")


def _encode(clear: str) -> bytes:
    try:
        text = clear.encode("utf-8")
    except UnicodeEncodeError:
        # Not chained: the original error holds the clear value.
        raise ValueError("a sealed value must be valid text") from None
    if len(text) > CLEAR_MAX_BYTES:
        raise ValueError(f"a sealed value has at most {CLEAR_MAX_BYTES} bytes")
    return text


def _check_subject(key: DataKey, subject_id: UUID) -> None:
    if key.subject_id != subject_id:
        raise ValueError("the data key is another subject's")


def _associated(head: bytes, subject_id: UUID, field: str) -> bytes:
    # The head is bound too. A subject id has a fixed length, so subject|field is unambiguous.
    return head + subject_id.bytes + b"|" + field.encode("utf-8")
