"""The public keys of the token issuer, from a file or an http(s) address, kept fresh.

A file is read again when it changes. An address is fetched in a thread, one fetch at a time and
not more often than every few seconds whatever callers send, so that looking up a key never
waits for the network. This module must not decide whether a token is good.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.logs import get_logger

KEYS_MAX_BYTES = 256 * 1024
KEYS_MAX = 64
_PART_BYTES = 16 * 1024

_log = get_logger(__name__)


class IssuerKeys:
    """Usable keys by their id (`kid`); only P-256 signature keys count."""

    def __init__(
        self,
        source: str,
        *,
        refresh_s: float = 300.0,
        retry_s: float = 5.0,
        timeout_s: float = 5.0,
    ) -> None:
        """Take a path or an http(s) address; nothing is read yet."""
        is_remote = source.startswith(("http://", "https://"))
        self._source: _File | _Address = (
            _Address(source, refresh_s=refresh_s, retry_s=retry_s, timeout_s=timeout_s)
            if is_remote
            else _File(Path(source))
        )

    @property
    def generation(self) -> int:
        """A number that changes whenever the keys do: what was checked before counts no more."""
        return self._source.generation

    @property
    def is_loading(self) -> bool:
        """Whether an answer of the issuer is awaited, so that a key may yet turn up."""
        return self._source.is_loading

    def refresh(self) -> None:
        """Take up a changed source; cheap and without waiting."""
        self._source.refresh(is_wanted=False)

    def find(self, kid: str | None) -> ECKey | None:
        """Return the key of that id, or, for a token that names none, the only key there is."""
        key = self._pick(kid)
        if key is None:
            self._source.refresh(is_wanted=True)
            key = self._pick(kid)
        return key

    def _pick(self, kid: str | None) -> ECKey | None:
        keys = self._source.keys
        if kid is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(kid)


class _File:
    is_loading = False

    def __init__(self, path: Path) -> None:
        self.keys: Mapping[str, ECKey] = MappingProxyType({})
        self.generation = 0
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._problem = ""

    def refresh(self, *, is_wanted: bool) -> None:
        del is_wanted  # a file costs nothing to look at
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen == self._seen:
                return
            self._seen = seen
            with self._path.open("rb") as file:
                self.keys = parse_keys(file.read(KEYS_MAX_BYTES + 1))
            self.generation += 1
            self._problem = ""
        except (OSError, ValueError) as error:
            # The keys at hand stay good: a file that is being written is no revocation.
            self._tell(type(error).__name__)

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            _log.error("issuer keys not read", path=str(self._path), error=problem)


class _Address:
    def __init__(self, url: str, *, refresh_s: float, retry_s: float, timeout_s: float) -> None:
        self.keys: Mapping[str, ECKey] = MappingProxyType({})
        self.generation = 0
        self.is_loading = False
        self._url = url
        self._refresh_s = refresh_s
        self._retry_s = retry_s
        self._timeout_s = timeout_s
        self._tried_s = -float("inf")
        self._text = b""

    def refresh(self, *, is_wanted: bool) -> None:
        """Start a fetch when one is due: soon after the last if a key is wanted, else rarely."""
        now_s = time.monotonic()
        pause_s = self._retry_s if is_wanted else self._refresh_s
        if self.is_loading or now_s < self._tried_s + pause_s:
            return
        self._tried_s = now_s
        self.is_loading = True
        threading.Thread(target=self._fetch, name="issuer-keys", daemon=True).start()

    def _fetch(self) -> None:
        try:
            text = _read(self._url, self._timeout_s)
            if text != self._text:
                self.keys = parse_keys(text)
                self._text = text
                self.generation += 1
        except (OSError, HTTPException, ValueError) as error:
            _log.error("issuer keys not fetched", url=self._url, error=type(error).__name__)
        finally:
            self.is_loading = False


def parse_keys(text: bytes) -> Mapping[str, ECKey]:
    """Return the keys of a JWK set that may sign ES256; raises ValueError if it is no key set."""
    if len(text) > KEYS_MAX_BYTES:
        raise ValueError("the key set is too large")
    document = json.loads(text)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > KEYS_MAX:
        raise ValueError("this is no key set")
    keys: dict[str, ECKey] = {}
    for entry in entries:
        if isinstance(entry, dict) and _is_es256(entry):
            keys[str(entry.get("kid", ""))] = _import(entry)
    return MappingProxyType(keys)


def _is_es256(entry: Mapping[str, Any]) -> bool:
    return (
        entry.get("kty") == "EC"
        and entry.get("crv") == "P-256"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "ES256") == "ES256"
    )


def _import(entry: Mapping[str, Any]) -> ECKey:
    # The public part alone: a private one that was published by mistake is not kept in memory.
    public = {name: entry[name] for name in ("kty", "crv", "x", "y") if name in entry}
    try:
        key = ECKey.import_key(public)
        key.public_key  # noqa: B018  decodes the point, so that a bad key fails here
    except (JoseError, ValueError) as error:
        raise ValueError("a key of the set is not on its curve") from error
    return key


def _read(url: str, timeout_s: float) -> bytes:
    """Read the document; the time limit is for all of it, however slowly it drips."""
    deadline_s = time.monotonic() + timeout_s
    text = b""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  IssuerKeys takes http(s) only
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  as above
        while len(text) <= KEYS_MAX_BYTES and (part := answer.read1(_PART_BYTES)):
            text += part
            if time.monotonic() > deadline_s:
                raise TimeoutError
    return text
