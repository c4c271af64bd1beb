"""The secrets of a local stack: made once, readable by their owner only, kept with the data.

A region's deployment brings its own; nothing here is meant for it.
"""

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey

KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Where each secret is."""

    folder: Path

    @property
    def signing_key(self) -> Path:
        """The issuer's ES256 private key."""
        return self.folder / "issuer-key.json"

    @property
    def jwks(self) -> Path:
        """The issuer's public keys; no secret."""
        return self.folder / "jwks.json"

    @property
    def master_key(self) -> Path:
        """The key that wraps the data keys of persons."""
        return self.folder / "master-key"

    @property
    def index_key(self) -> Path:
        """The key of the blind index."""
        return self.folder / "index-key"

    @property
    def feed_secret(self) -> Path:
        """The key that signs feed tokens."""
        return self.folder / "feed-secret"

    @property
    def request_key(self) -> Path:
        """The key of the digests by which a repeated request is known."""
        return self.folder / "request-key"

    @property
    def credential_key(self) -> Path:
        """The Ed25519 key that signs credentials."""
        return self.folder / "credential-key"

    def service_token(self, service: str) -> Path:
        """The token that a service shows when it calls another."""
        return self.folder / f"token-{service}"

    def database_password(self, role: str) -> str:
        """Return the password of a database role."""
        return _make(
            self.folder / f"database-{role}", lambda: secrets.token_hex(KEY_BYTES).encode()
        ).decode()


def make_secrets(folder: Path) -> Secrets:
    """Make what is missing; what is there stays, for data is sealed with it."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    made = Secrets(folder=folder)
    keys = (made.master_key, made.index_key, made.feed_secret, made.request_key)
    for path in (*keys, made.credential_key):
        # Key files hold one key in base64 a line.
        _make(path, lambda: base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
    _make(made.signing_key, _new_signing_key)
    if not made.jwks.exists():
        key = ECKey.import_key(json.loads(made.signing_key.read_text()))
        write(made.jwks, json.dumps({"keys": [key.as_dict(private=False)]}).encode())
    return made


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.rename(path)


def _new_signing_key() -> bytes:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return json.dumps(key.as_dict(private=True) | {"alg": "ES256", "use": "sig"}).encode()


def _make(path: Path, content: Callable[[], bytes]) -> bytes:
    if not path.exists():
        write(path, content())
    return path.read_bytes()
