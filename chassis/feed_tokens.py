"""Where a reader of a feed stands: opaque, signed, bound to the epoch and the filter.

A token that cannot be resumed is said (CursorExpired), never answered with an empty page.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Final, Self

from chassis.epoch import Head
from chassis.errors import CursorExpired

_SECRET_BYTES_MIN: Final = 32
_MAC_BYTES: Final = 16
_PLAIN: Final = "at:"


def plain_token(head: Head) -> str:
    """Return a position as those who may read everything name it: without a signature.

    Services fill a hole from the position of their cursor, for which nobody gave them a token.
    """
    return f"{_PLAIN}{head.epoch}:{head.position}"


class FeedTokens:
    """Issues and reads the tokens of one service's feed."""

    def __init__(self, secret: bytes, *, service: str = "") -> None:
        if len(secret) < _SECRET_BYTES_MIN:
            raise ValueError(f"the feed's secret needs {_SECRET_BYTES_MIN} bytes")
        self._key = hmac.digest(secret, service.encode(), "sha256")

    @classmethod
    def load(cls, path: Path, *, service: str) -> Self:
        """Read the secret from a file, which the services of a suite may share.

        Their databases may stand in one cluster and so have epochs alike: a token of one service
        would else be a position in the history of another, and changes would be passed over.
        """
        return cls(path.read_bytes().strip(), service=service)

    @classmethod
    def made_up(cls) -> Self:
        """Make a secret that ends with the process: for tests."""
        return cls(secrets.token_bytes(_SECRET_BYTES_MIN))

    def issue(self, head: Head, types: Collection[str]) -> str:
        """Return the token that resumes after a position, for the same resource types."""
        content = f"{head.epoch}|{head.position}|{_filter_hash(types)}".encode()
        return base64.urlsafe_b64encode(self._mac(content) + content).decode().rstrip("=")

    def read(self, token: str, types: Collection[str], *, allow_plain: bool) -> Head:
        """Return where a token stands; raises CursorExpired when it was not issued for this."""
        if allow_plain and token.startswith(_PLAIN):
            epoch, _, position = token.removeprefix(_PLAIN).rpartition(":")
            return Head(_number(position), epoch)
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raise CursorExpired from None
        mac, content = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(content)):
            raise CursorExpired
        epoch, position, filter_hash = content.decode().split("|")
        if filter_hash != _filter_hash(types):
            raise CursorExpired
        return Head(_number(position), epoch)

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")[:_MAC_BYTES]


def _filter_hash(types: Collection[str]) -> str:
    return hashlib.sha256(",".join(sorted(set(types))).encode()).hexdigest()[:16]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - int64
        raise CursorExpired
    return int(text)
