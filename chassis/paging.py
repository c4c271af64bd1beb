"""Pages of lists: bounded sizes and opaque tokens, bound to the filters, with a keyset inside."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Record

from chassis.db import Row
from chassis.errors import PageTokenInvalid

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 1000
# What the rows of a page may need on the wire, by the estimate below: less than a message may have.
PAGE_BYTES_MAX = 3 * 2**20
# A value of another type than text or bytes, as a message has it: `organisations/{uuid}`, a date.
_VALUE_BYTES = 64
_CHARACTER_BYTES = 3
_NESTED = (dict, Record)


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

    `key` is the column of the key, or what makes one text of a key of several. A page of large
    rows is shorter than was asked for, so that its answer is never larger than a message may be.
    """
    shown = shorten(rows[: page.size])
    if len(shown) == len(rows):
        return shown, ""
    last = shown[-1]
    return shown, token_after(page, str(last[key]) if isinstance(key, str) else key(last))


def shorten(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows up to the bound of bytes, but one at least."""
    left = PAGE_BYTES_MAX
    for number, row in enumerate(rows):
        left -= _bytes_of(row.values())
        if left < 0:
            return rows[: max(number, 1)]
    return rows


def _bytes_of(values: Iterable[Any]) -> int:
    """Return at least what values need in a message."""
    found = 0
    for value in values:
        kind = type(value)
        found += _VALUE_BYTES
        if kind is str or kind is bytes:
            found += _CHARACTER_BYTES * len(value)
        elif kind is list:
            found += _bytes_of(value)
        elif value is not None and kind in _NESTED:
            found += _bytes_of(value.values())
    return found


def token_after(page: Page, after: str) -> str:
    """Return the token of the page that follows a key."""
    content = json.dumps([after, page.filters_hash]).encode()
    return base64.urlsafe_b64encode(content).decode()


def _hash(filters: Mapping[str, Any]) -> str:
    content = json.dumps(filters, sort_keys=True, default=str).encode()
    return hashlib.sha256(content).hexdigest()[:16]
