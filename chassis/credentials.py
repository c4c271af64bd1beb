"""Signs JSON documents so that anybody verifies them without asking: W3C Data Integrity proofs.

The cryptosuite is `eddsa-jcs-2022` (https://www.w3.org/TR/vc-di-eddsa): the document and the
proof's own options, each in the one form of RFC 8785, are hashed with SHA-256 and signed with
Ed25519. The key is named by a `did:key`, which holds it. This module must not know what a
document says, and must not log.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Document = dict[str, Any]

SUITE: Final = "eddsa-jcs-2022"
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# Multicodec of an Ed25519 public key.
_ED25519: Final = b"\xed\x01"
_KEY_BYTES: Final = 32
_TEXT_MAX_CHARS: Final = 128


class CredentialInvalid(Exception):
    """The document was altered, was not signed by a trusted key, or its proof cannot be read."""


class Signer:
    """Signs documents with one key."""

    def __init__(self, secret: bytes) -> None:
        """Take the 32 bytes of an Ed25519 private key."""
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        public = self._key.public_key().public_bytes_raw()
        multibase = _to_base58(_ED25519 + public)
        # The issuer's identifier; what verifiers are to trust.
        self.did = f"did:key:{multibase}"
        self._method = f"{self.did}#{multibase}"

    def sign(self, document: Mapping[str, Any], *, now: datetime) -> Document:
        """Return the document with a proof; it must have none."""
        # The options speak in the terms of the document.
        context = {"@context": document["@context"]} if "@context" in document else {}
        options = {
            **context,
            "type": "DataIntegrityProof",
            "cryptosuite": SUITE,
            "created": to_instant(now),
            "verificationMethod": self._method,
            "proofPurpose": "assertionMethod",
        }
        signature = self._key.sign(_digest(document, options))
        return {**document, "proof": {**options, "proofValue": _to_base58(signature)}}


def verify(document: Mapping[str, Any], *, trusted: Collection[str]) -> str:
    """Return the `did:key` of the trusted key that signed exactly this; needs no network.

    Raises CredentialInvalid otherwise. Whether what is said was taken back since is not in the
    document: ask the issuer for that.
    """
    content = dict(document)
    proof = content.pop("proof", None)
    if not isinstance(proof, dict):
        raise CredentialInvalid("the document has no proof, or more than one")
    options = dict(proof)
    value = options.pop("proofValue", None)
    expected = ("DataIntegrityProof", SUITE, "assertionMethod")
    if tuple(options.get(name) for name in ("type", "cryptosuite", "proofPurpose")) != expected:
        raise CredentialInvalid("the proof is of another kind")
    if options.get("@context") != content.get("@context"):
        raise CredentialInvalid("the proof speaks in other terms than the document")
    did, _, fragment = str(options.get("verificationMethod")).partition("#")
    if did not in trusted or did != f"did:key:{fragment}":
        raise CredentialInvalid("the key is not trusted")
    try:
        _public_key(fragment).verify(_from_base58(value), _digest(content, options))
    except (InvalidSignature, ValueError, rfc8785.CanonicalizationError) as error:
        raise CredentialInvalid("the signature does not fit the document") from error
    return did


def to_instant(now: datetime) -> str:
    """Return an instant as credentials write it."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    parts = (options, document)
    return b"".join(hashlib.sha256(rfc8785.dumps(dict(part))).digest() for part in parts)


def _public_key(multibase: str) -> Ed25519PublicKey:
    prefix, key = (decoded := _from_base58(multibase))[:2], decoded[2:]
    if prefix != _ED25519 or len(key) != _KEY_BYTES:
        raise ValueError("not an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(key)


def _to_base58(content: bytes) -> str:
    """Return bytes as multibase `z`: base58 of Bitcoin's alphabet."""
    number, text = int.from_bytes(content), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "z" + _ALPHABET[0] * zeros + text


def _from_base58(text: object) -> bytes:
    if not isinstance(text, str) or not text.startswith("z") or len(text) > _TEXT_MAX_CHARS:
        raise ValueError("not multibase base58")
    digits = text[1:]
    number = 0
    for character in digits:
        number = number * 58 + _ALPHABET.index(character)
    zeros = len(digits) - len(digits.lstrip(_ALPHABET[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
