"""The feed of a service: its history as a party may see it, in pages or followed live.

A position that it returns is true: everything in the reader's scope up to it has been returned.
The head is read before the page and bounds it, so that nothing between the two is skipped. It
reads the primary only: a standby shows commits in another order.
"""

import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from guantong.common.v1.event_pb2 import Change
from sqlalchemy import BigInteger, Boolean, Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.changes import EVERYONE
from chassis.digest import Digests
from chassis.epoch import Head
from chassis.errors import CursorExpired
from chassis.feed_tokens import FeedTokens
from chassis.head_watch import HeadWatch
from chassis.relay import COLUMNS, encode

SIZE_DEFAULT: Final = 100
SIZE_MAX: Final = 1000
BYTES_MAX: Final = 3 * 1024 * 1024
# With a filter a page may have to look at many changes to return few; more than this it does not.
SCAN_MAX: Final = 5000

_SCAN_ALL = """
    SELECT position FROM change_position
    WHERE position > :after AND position <= :until
    ORDER BY position LIMIT :scan
"""
# The first of two ordered lists are among the first of each.
_SCAN_PARTY = """
    (SELECT position FROM audience
     WHERE party = :party AND position > :after AND position <= :until
     ORDER BY position LIMIT :scan)
    UNION
    (SELECT position FROM audience
     WHERE party = :everyone AND position > :after AND position <= :until
     ORDER BY position LIMIT :scan)
    ORDER BY position LIMIT :scan
"""
# What a later change of the record supersedes need not be shown to who begins; that a record left
# the reader's scope is always said, for a page before may have shown it.
_KEPT_ALL = "NOT :skip OR NOT EXISTS (LATER)"
_KEPT_PARTY = f"{_KEPT_ALL} OR NOT change.audience && CAST(ARRAY[:party, :everyone] AS text[])"
_LATER = """
            SELECT FROM change AS later
            JOIN change_position AS placed ON placed.change_id = later.id
            WHERE later.resource_name = change.resource_name
            AND later.version = change.version + 1 AND placed.position <= :until
"""
# The last lines always give a row: how far was looked, even when nothing is shown.
_PAGE = """
    WITH scan AS MATERIALIZED (SCAN), sized AS (
        SELECT scan.position, change_position.change_id,
               row_number() OVER (ORDER BY scan.position) AS number,
               sum(octet_length(change.resource) + 512) OVER (ORDER BY scan.position) AS bytes
        FROM scan
        JOIN change_position ON change_position.position = scan.position
        JOIN change ON change.id = change_position.change_id
        WHERE (cardinality(:types) = 0 OR split_part(change.resource_name, '/', 1) = ANY (:types))
        AND (KEPT)
    ), shown AS (
        SELECT position, change_id FROM sized
        WHERE number <= :size AND (bytes <= :bytes OR number = 1)
    ), looked AS (
        SELECT (SELECT max(position) FROM scan) AS scanned_to,
               (SELECT count(*) FROM scan) AS scanned,
               (SELECT count(*) FROM sized) AS matched
    )
    SELECT looked.scanned_to, looked.scanned, looked.matched, COLUMNS
    FROM looked
    LEFT JOIN shown ON true
    LEFT JOIN change_position ON change_position.position = shown.position
    LEFT JOIN change ON change.id = shown.change_id
    ORDER BY shown.position
"""


def _page(scan: str, kept: str, **more: Any) -> db.Statement:
    columns = ", ".join(str(column) for column in COLUMNS)
    types: dict[str, Any] = {
        "after": BigInteger,
        "until": BigInteger,
        "scan": Integer,
        "size": Integer,
        "bytes": Integer,
        "types": ARRAY(Text),
        "skip": Boolean,
        **more,
    }
    page = _PAGE.replace("KEPT", kept).replace("LATER", _LATER)
    statement = text(page.replace("SCAN", scan).replace("COLUMNS", columns))
    return db.compile(
        statement.bindparams(*(bindparam(name, type_=kind) for name, kind in types.items()))
    )


_PAGE_OF_ALL = _page(_SCAN_ALL, _KEPT_ALL)
_PAGE_OF_PARTY = _page(_SCAN_PARTY, _KEPT_PARTY, party=Text, everyone=Text)


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, or a progress mark when there are none."""

    changes: Sequence[Change]
    next_token: str
    position: int
    more: bool


class Feed:
    """Reads the history of one service for its callers."""

    def __init__(
        self,
        database: db.Database,
        heads: HeadWatch,
        tokens: FeedTokens,
        *,
        service: str,
        mark_s: float = 5.0,
    ) -> None:
        """Give a progress mark every `mark_s` while nothing is to be told."""
        self._database = database
        self._heads = heads
        self._tokens = tokens
        self._service = service
        self._mark_s = mark_s
        self.digests = Digests(database, heads, service=service)

    async def head(self, types: Collection[str]) -> tuple[Head, str]:
        """Return the end of the history and the token that resumes there."""
        head = await self._heads.now()
        return head, self._tokens.issue(head, types)

    async def list_changes(
        self,
        scope: str | None,
        token: str,
        types: Collection[str],
        page_size: int,
        *,
        skip_superseded: bool = False,
    ) -> Page:
        """Return the changes after a token; raises CursorExpired when it cannot be resumed.

        `scope` is the party that reads; None reads everything. An empty token starts at the
        beginning. Who begins may skip what later changes supersede, and resumes like any other.
        """
        head = await self._heads.now()
        after = self._resume(scope, token, types, head)
        return await self._read(
            scope, types, after, head, page_size, skip_superseded=skip_superseded
        )

    async def watch(
        self, scope: str | None, token: str, types: Collection[str]
    ) -> AsyncIterator[Page]:
        """Follow the history after a token: pages as it grows, marks while it does not.

        The first page comes at once, also when it is empty. Raises CursorExpired at any time.
        """
        head = await self._heads.now()
        after = self._resume(scope, token, types, head)
        told_s = float("-inf")
        while True:
            page = await self._read(scope, types, after, head, SIZE_MAX)
            after = page.position
            if page.changes or time.monotonic() - told_s >= self._mark_s:
                yield page
                told_s = time.monotonic()
            if page.more:
                continue
            quiet_s = told_s + self._mark_s - time.monotonic()
            epoch, head = head.epoch, await self._heads.beyond(head, within_s=max(0.0, quiet_s))
            if head.epoch != epoch:
                raise CursorExpired

    def _resume(self, scope: str | None, token: str, types: Collection[str], head: Head) -> int:
        if not token:
            return 0
        stand = self._tokens.read(token, types, allow_plain=scope is None)
        if stand.epoch != head.epoch or stand.position > head.position:
            raise CursorExpired
        return stand.position

    async def _read(
        self,
        scope: str | None,
        types: Collection[str],
        after: int,
        head: Head,
        page_size: int,
        *,
        skip_superseded: bool = False,
    ) -> Page:
        size = min(page_size or SIZE_DEFAULT, SIZE_MAX)
        if after >= head.position:
            return Page((), self._tokens.issue(Head(after, head.epoch), types), after, more=False)
        # One more than the page, to know whether there is more.
        scan = SCAN_MAX if types or skip_superseded else size + 1
        rows = await self._fetch(
            scope,
            after=after,
            until=head.position,
            scan=scan,
            size=size,
            bytes=BYTES_MAX,
            types=sorted(set(types)),
            skip=skip_superseded,
        )
        shown = [row for row in rows if row["position"] is not None]
        looked = rows[0]
        if len(shown) < looked["matched"]:
            position, more = shown[-1]["position"], True
        elif looked["scanned"] == scan:
            position, more = looked["scanned_to"], looked["scanned_to"] < head.position
        else:
            position, more = head.position, False
        changes = [self._present(row, scope, head.epoch) for row in shown]
        token = self._tokens.issue(Head(position, head.epoch), types)
        return Page(changes, token, position, more)

    async def _fetch(self, scope: str | None, **arguments: Any) -> Sequence[db.Row]:
        if scope is None:
            return await self._database.fetch(_PAGE_OF_ALL, **arguments)
        return await self._database.fetch(
            _PAGE_OF_PARTY, party=scope, everyone=EVERYONE, **arguments
        )

    def _present(self, row: db.Row, scope: str | None, epoch: str) -> Change:
        change = encode(row, source=self._service, epoch=epoch)
        if scope not in {None, change.actor_organisation}:
            # Another organisation's staff are its own affair: who of them, and on which call.
            change.ClearField("actor")
            change.ClearField("traceparent")
        if scope is None or scope in row["audience"] or EVERYONE in row["audience"]:
            return change
        # It left the reader's scope: that is all that the reader is told.
        for field in ("resource", "resource_sha256", "actor_organisation"):
            change.ClearField(field)
        change.removed = True
        return change
