"""What a party holds, in one value: so that two who should hold the same learn whether they do.

The leaf of a resource is the line `name|version|SHA-256 of the stored bytes in hexadecimal`, ended
by a line feed. A part is the SHA-256 of its lines in order of the names' bytes; which of the 4,096
parts a resource is in is said by the first twelve bits of the SHA-256 of its name. Sixteen parts
make a bucket and 256 buckets the whole: each the SHA-256 of the digests that it is made of. So a
reader finds the records that differ by three questions, and checks all of it with any SHA-256.

Computed from the change rows as they stood at a position, never kept: what is counted up beside the
rows proves nothing about them. This module must not know what is in a resource.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from guantong.common.v1.event_pb2 import Change
from sqlalchemy import BigInteger, Boolean, Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.changes import EVERYONE
from chassis.epoch import Head
from chassis.errors import CursorExpired, ServiceBusy
from chassis.head_watch import HeadWatch
from chassis.paging import read_page, split
from chassis.relay import COLUMNS, encode

BUCKETS: Final = 256
PARTS_OF_BUCKET: Final = 16
PARTS: Final = BUCKETS * PARTS_OF_BUCKET
BYTES_MAX: Final = 3 * 1024 * 1024
# It reads all that a party ever saw: more at a time would keep others from the database.
AT_ONCE_MAX: Final = 2
_RETRY_MS: Final = 2_000

_SEEN_BY_ALL: Final = "SELECT position FROM change_position WHERE position <= :until"
_SEEN_BY_PARTY: Final = """
    SELECT position FROM audience WHERE party = :party AND position <= :until
    UNION
    SELECT position FROM audience WHERE party = :everyone AND position <= :until
"""
_VISIBLE: Final = "(change.audience && CAST(ARRAY[:party, :everyone] AS text[]))"
# The last change of each resource until the position, of those that the reader still sees.
# Versions follow each other: the last is the one without a next.
_PRESENT: Final = """
    SELECT change.id, seen.position, change.resource_name,
           sha256(convert_to(change.resource_name, 'UTF8')) AS place
    FROM (SEEN) AS seen
    JOIN change_position ON change_position.position = seen.position
    JOIN change ON change.id = change_position.change_id
    WHERE (cardinality(:types) = 0 OR split_part(change.resource_name, '/', 1) = ANY (:types))
    AND VISIBLE
    AND NOT EXISTS (
        SELECT FROM change AS later
        JOIN change_position AS placed ON placed.change_id = later.id
        WHERE later.resource_name = change.resource_name
        AND later.version = change.version + 1
        AND placed.position <= :until
    )
"""
_PART: Final = "(get_byte(place, 0) * 16 + (get_byte(place, 1) >> 4))"
_PARTS: Final = """
    SELECT PART AS part, count(*) AS count,
           sha256(string_agg(
               convert_to(concat(
                   change.resource_name, '|', change.version, '|',
                   encode(change.resource_sha256, 'hex'), chr(10)
               ), 'UTF8'),
               '' ORDER BY change.resource_name COLLATE "C"
           )) AS digest
    FROM (PRESENT) AS present
    JOIN change ON change.id = present.id
    GROUP BY part
"""
_ENTRIES: Final = """
    SELECT * FROM (
        SELECT COLUMNS,
               row_number() OVER (ORDER BY change.resource_name COLLATE "C") AS number,
               sum(octet_length(change.resource) + 512)
                   OVER (ORDER BY change.resource_name COLLATE "C") AS bytes,
               octet_length(change.resource) + 512 AS own_bytes
        FROM (PRESENT) AS present
        JOIN change ON change.id = present.id
        WHERE PART = :part AND change.resource_name > :after COLLATE "C"
    ) AS entries
    WHERE number <= :limit AND (NOT :with_resources OR bytes - own_bytes <= :bytes)
    ORDER BY number
"""


def _compile(query: str, *, is_scoped: bool, **more: Any) -> db.Statement:
    types: dict[str, Any] = {"until": BigInteger, "types": ARRAY(Text), **more}
    if is_scoped:
        types |= {"party": Text, "everyone": Text}
    columns = ", ".join(
        "present.position" if column.name == "position" else str(column) for column in COLUMNS
    )
    if "with_resources" in more:
        columns = columns.replace(
            "change.resource,",
            "CASE WHEN :with_resources THEN change.resource ELSE '' END AS resource,",
        )
    sql = (
        query.replace("PRESENT", _PRESENT)
        .replace("SEEN", _SEEN_BY_PARTY if is_scoped else _SEEN_BY_ALL)
        .replace("VISIBLE", _VISIBLE if is_scoped else "true")
        .replace("PART", _PART)
        .replace("COLUMNS", columns)
    )
    binds = (bindparam(name, type_=kind) for name, kind in types.items())
    return db.compile(text(sql).bindparams(*binds))


_PAGE: Final[dict[str, Any]] = {
    "part": Integer,
    "after": Text,
    "limit": Integer,
    "with_resources": Boolean,
    "bytes": BigInteger,
}
_PARTS_OF: Final = {each: _compile(_PARTS, is_scoped=each) for each in (True, False)}
_ENTRIES_OF: Final = {each: _compile(_ENTRIES, is_scoped=each, **_PAGE) for each in (True, False)}


@dataclass(frozen=True, slots=True)
class Node:
    """What is in a part, in a bucket, or altogether."""

    count: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The digest of all that a party holds at a position, with what it is made of."""

    head: Head
    parts: Sequence[Node]
    buckets: Sequence[Node]
    whole: Node


EMPTY: Final = Node(0, hashlib.sha256().digest())


def leaf(name: str, version: int, sha256: bytes) -> bytes:
    """Return the line that stands for a record."""
    return f"{name}|{version}|{sha256.hex()}\n".encode()


def part_of(name: str) -> int:
    """Return the number of the part that a record is in."""
    place = hashlib.sha256(name.encode()).digest()
    return place[0] * PARTS_OF_BUCKET + (place[1] >> 4)


def parts_of(leaves: Iterable[tuple[str, int, bytes]]) -> dict[int, Node]:
    """Return the parts that records (name, version, SHA-256) make: what a mirror compares."""
    lines: dict[int, list[tuple[str, int, bytes]]] = {}
    for each in leaves:
        lines.setdefault(part_of(each[0]), []).append(each)
    return {
        number: Node(
            len(found),
            # Names of characters beyond the BMP too are in order of their bytes.
            hashlib.sha256(b"".join(leaf(*each) for each in sorted(found))).digest(),
        )
        for number, found in lines.items()
    }


def tree_of(head: Head, parts: Mapping[int, Node]) -> Tree:
    """Fold parts into buckets, and buckets into the whole; absent parts are empty."""
    all_parts = [parts.get(number, EMPTY) for number in range(PARTS)]
    buckets = [
        _fold(all_parts[start : start + PARTS_OF_BUCKET])
        for start in range(0, PARTS, PARTS_OF_BUCKET)
    ]
    return Tree(head=head, parts=all_parts, buckets=buckets, whole=_fold(buckets))


def _fold(nodes: Sequence[Node]) -> Node:
    digest = hashlib.sha256(b"".join(each.digest for each in nodes)).digest()
    return Node(sum(each.count for each in nodes), digest)


class Digests:
    """Computes what a party holds, from the history of one service."""

    def __init__(self, database: db.Database, heads: HeadWatch, *, service: str) -> None:
        self._database = database
        self._heads = heads
        self._service = service
        self._running = 0

    async def tree(
        self, scope: str | None, position: int | None, epoch: str, types: Collection[str]
    ) -> Tree:
        """Return the digest at a position, or at the head.

        `scope` is the party whose records are meant; None means all records. Raises CursorExpired
        for another epoch, or for a position that the history has not reached.
        """
        head = await self._at(position, epoch)
        rows = await self._fetch(_PARTS_OF, scope, until=head.position, types=_sorted(types))
        parts = {row["part"]: Node(row["count"], row["digest"]) for row in rows}
        return tree_of(head, parts)

    async def entries(
        self,
        scope: str | None,
        at: Head,
        types: Collection[str],
        part: int,
        *,
        page_size: int,
        page_token: str,
        with_resources: bool,
    ) -> tuple[Sequence[Change], str]:
        """Return a page of the records of a part, as they stood at a position.

        Each is the last change of its record, and without the resource unless that is asked for.
        """
        head = await self._at(at.position, at.epoch)
        wanted = _sorted(types)
        # A token of another epoch is refused even where the position is the same.
        page = read_page(page_size, page_token, {"at": str(head), "types": wanted, "part": part})
        rows = await self._fetch(
            _ENTRIES_OF,
            scope,
            until=head.position,
            types=wanted,
            part=part,
            after=page.after or "",
            limit=page.limit,
            with_resources=with_resources,
            bytes=BYTES_MAX,
        )
        fitting = sum(row["bytes"] <= BYTES_MAX for row in rows[: page.size])
        if with_resources and fitting < min(page.size, len(rows)):
            page = replace(page, size=max(1, fitting))
        shown, next_token = split(page, rows, "resource_name")
        return [self._entry(row, head, with_resources=with_resources) for row in shown], next_token

    async def _at(self, position: int | None, epoch: str) -> Head:
        head = await self._heads.now()
        if epoch not in {"", head.epoch} or (position or 0) > head.position:
            raise CursorExpired
        return head if position is None else Head(position, head.epoch)

    async def _fetch(
        self, statements: Mapping[bool, db.Statement], scope: str | None, **arguments: Any
    ) -> Sequence[db.Row]:
        if self._running >= AT_ONCE_MAX:
            raise ServiceBusy(retry_after_ms=_RETRY_MS)
        if scope is not None:
            arguments |= {"party": scope, "everyone": EVERYONE}
        self._running += 1
        try:
            return await self._database.fetch(statements[scope is not None], **arguments)
        finally:
            self._running -= 1

    def _entry(self, row: db.Row, head: Head, *, with_resources: bool) -> Change:
        change = encode(row, source=self._service, epoch=head.epoch)
        # What is held is compared here, not who made it so: that is told with the change.
        for field in ("actor", "actor_organisation", "traceparent"):
            change.ClearField(field)
        if not with_resources:
            change.ClearField("resource")
        return change


def _sorted(types: Collection[str]) -> list[str]:
    return sorted(set(types))
