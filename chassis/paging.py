"""Pages of lists: bounded sizes and opaque tokens, bound to the filters, with a keyset inside."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Row
from chassis.errors import PageTokenInvalid

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """What to read: at most `size` rows whose key is greater than `after`."""

    size: int
    after: str | None
    filters_hash: str

    @property
    def limit(self) -> int:
        """One row more than the page has: whether it comes tells whether there is a next page."""
        return self.size + 1


def read_page(page_size: int, page_token: str, filters: Mapping[str, Any]) -> Page:
    """Return the page that a request asks for.

    Sizes above the maximum are lowered to it, 0 is the default. Raises PageTokenInvalid for a
    token that is malformed or was given for other filters.
    """
    size = min(page_size or PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)
    filters_hash = _hash(filters)
    if not page_token:
        return Page(size, None, filters_hash)
    try:
        after, token_hash = json.loads(base64.urlsafe_b64decode(page_token.encode("ascii")))
    except (ValueError, TypeError):
        raise PageTokenInvalid from None
    if token_hash != filters_hash or not isinstance(after, str):
        raise PageTokenInvalid
    return Page(size, after, filters_hash)


def split(
    page: Page, rows: Sequence[Row], key: str | Callable[[Row], str]
) -> tuple[Sequence[Row], str]:
    """Return the rows of the page, and the token of the next one (empty on the last).

    `key` is the column of the key, or what makes one text of a key of several.
    """
    if len(rows) <= page.size:
        return rows, ""
    shown = rows[: page.size]
    after = str(shown[-1][key]) if isinstance(key, str) else key(shown[-1])
    content = json.dumps([after, page.filters_hash]).encode()
    return shown, base64.urlsafe_b64encode(content).decode()


def _hash(filters: Mapping[str, Any]) -> str:
    content = json.dumps(filters, sort_keys=True, default=str).encode()
    return hashlib.sha256(content).hexdigest()[:16]
