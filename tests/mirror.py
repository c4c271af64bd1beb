"""A consumer of the feed: a copy, in SQLite, of what one party may see of one service.

It starts from nothing, resumes after whatever stopped it, and asks by the digest whether it holds
what the service says it should. Nothing but the feed's own calls is used. How a faulty consumer
differs is said by its subclasses: `_take` and `_keep` are what they change.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc.aio
from guantong.assistance.v1 import changes_service_pb2 as assistance_pb2
from guantong.assistance.v1 import changes_service_pb2_grpc as assistance_grpc
from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1 import changes_service_pb2 as enrollment_pb2
from guantong.enrollment.v1 import changes_service_pb2_grpc as enrollment_grpc
from guantong.transfer.v1 import changes_service_pb2 as transfer_pb2
from guantong.transfer.v1 import changes_service_pb2_grpc as transfer_grpc

from chassis.digest import PARTS_OF_BUCKET, Node, Tree, part_of, parts_of, tree_of
from chassis.epoch import Head
from tests.served import Served

FEEDS: dict[str, tuple[Any, Any]] = {
    "enrollment": (enrollment_pb2, enrollment_grpc),
    "transfer": (transfer_pb2, transfer_grpc),
    "assistance": (assistance_pb2, assistance_grpc),
}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    name TEXT PRIMARY KEY, version INTEGER NOT NULL, sha256 BLOB NOT NULL, content BLOB NOT NULL,
    content_sha256 BLOB NOT NULL, event TEXT NOT NULL, is_stale INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stand (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1), token TEXT NOT NULL,
    position INTEGER NOT NULL, is_loaded INTEGER NOT NULL
);
INSERT OR IGNORE INTO stand VALUES (1, '', 0, 0);
"""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The feed of a service as one caller reads it."""

    service: Served
    name: str
    party: str
    role: str

    async def ask(self, rpc: str, **fields: Any) -> Any:
        """Call an RPC of the changes service."""
        messages, generated = FEEDS[self.name]
        method = getattr(generated.ChangesServiceStub(self.service.channel), rpc)
        request = getattr(messages, f"{rpc}Request")(**fields)
        token = self.service.token(self.party, self.role)
        return await method(request, metadata=token, timeout=60)


class Mirror:
    """The copy; as many objects may follow each other on one file as there are restarts."""

    def __init__(self, path: Path, source: Source, *, page_size: int = 1000) -> None:
        self._source = source
        self._page_size = page_size
        self._path = path
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.executescript(_SCHEMA)

    def reopened(self) -> Self:
        """Return what a new process finds: all that was committed, and nothing else."""
        self._file.close()
        return type(self)(self._path, self._source, page_size=self._page_size)

    def close(self) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """Up to where everything in scope was applied."""
        (position,) = self._file.execute("SELECT position FROM stand").fetchone()
        return int(position)

    def records(self) -> dict[str, tuple[int, bytes]]:
        """Return version and SHA-256 of each record, by name.

        Of a record whose content was altered here it is the hash of what is here now.
        """
        rows = self._file.execute(
            "SELECT name, version, sha256, content, content_sha256 FROM record"
        )
        return {
            name: (version, sha256 if _sha256(content) == known else _sha256(content))
            for name, version, sha256, content, known in rows
        }

    async def catch_up(self) -> None:
        """Read and apply what is new; begin again when the service says that it must be."""
        while True:
            try:
                is_more = await self._step()
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.OUT_OF_RANGE:
                    raise
                self._begin_again()
                continue
            if not is_more:
                return

    async def check(self) -> set[str]:
        """Return the names of exactly the records that differ from the service's."""
        at, tree = await self._compare()
        buckets = [each.number for each in at.nodes if _differs(each, tree.buckets[each.number])]
        if not buckets:
            assert at.digest == tree.whole.digest
            return set()
        parts = await self._source.ask(
            "GetDigest", position=at.position, epoch=at.epoch, buckets=buckets
        )
        assert len(parts.nodes) == PARTS_OF_BUCKET * len(buckets)
        own = self.records()
        found: set[str] = set()
        for each in parts.nodes:
            if _differs(each, tree.parts[each.number]):
                theirs = {
                    entry.resource_name: (entry.version, entry.resource_sha256)
                    for entry in await self._entries(at, each.number)
                }
                ours = {name: leaf for name, leaf in own.items() if part_of(name) == each.number}
                names = theirs.keys() | ours.keys()
                found |= {name for name in names if theirs.get(name) != ours.get(name)}
        return found

    async def mend(self) -> None:
        """Replace the records that differ by what the service has at the same position."""
        at, _ = await self._compare()
        names = await self.check()
        for part in {part_of(name) for name in names}:
            theirs = await self._entries(at, part, with_resources=True)
            with self._transaction():
                for name in (each for each in names if part_of(each) == part):
                    self._file.execute("DELETE FROM record WHERE name = ?", (name,))
                for entry in theirs:
                    if entry.resource_name in names:
                        self._keep(entry)

    async def _step(self) -> bool:
        token, is_loaded = self._file.execute("SELECT token, is_loaded FROM stand").fetchone()
        page = await self._source.ask(
            "ListChanges",
            token=token,
            page_size=self._page_size,
            skip_superseded=not is_loaded,
        )
        self._take(page)
        return bool(page.more)

    def _take(self, page: Any) -> None:
        """Apply a page and keep where it ends, in one transaction."""
        with self._transaction():
            for change in page.changes:
                self._apply(change)
            self._stand(page)

    def _stand(self, page: Any) -> None:
        self._file.execute(
            "UPDATE stand SET token = ?, position = ?", (page.next_token, page.position)
        )
        if not page.more:
            # Whatever was there before and did not come again is no more.
            self._file.execute("UPDATE stand SET is_loaded = 1")
            self._file.execute("DELETE FROM record WHERE is_stale")

    def _apply(self, change: Change) -> None:
        row = self._file.execute(
            "SELECT version, is_stale FROM record WHERE name = ?", (change.resource_name,)
        ).fetchone()
        if row is not None and not row[1] and row[0] >= change.version:
            return
        if change.removed:
            self._remove(change)
        else:
            self._keep(change)

    def _keep(self, change: Change) -> None:
        content = change.resource.value
        self._file.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, 0)",
            (
                change.resource_name,
                change.version,
                change.resource_sha256,
                content,
                _sha256(content),
                change.event_type,
            ),
        )

    def _remove(self, change: Change) -> None:
        self._file.execute("DELETE FROM record WHERE name = ?", (change.resource_name,))

    def _begin_again(self) -> None:
        with self._transaction():
            self._file.execute("UPDATE record SET is_stale = 1")
            self._file.execute("UPDATE stand SET token = '', position = 0, is_loaded = 0")

    async def _compare(self) -> tuple[Any, Tree]:
        at = await self._source.ask("GetDigest", position=self.position)
        parts = parts_of((name, *leaf) for name, leaf in self.records().items())
        return at, tree_of(Head(at.position, at.epoch), parts)

    async def _entries(
        self, at: Any, part: int, *, with_resources: bool = False
    ) -> Sequence[Change]:
        entries: list[Change] = []
        token = ""
        while True:
            page = await self._source.ask(
                "ListDigestEntries",
                position=at.position,
                epoch=at.epoch,
                part=part,
                page_token=token,
                with_resources=with_resources,
            )
            entries += page.entries
            token = page.next_page_token
            if not token:
                return entries

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with closing(self._file.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _differs(theirs: Any, ours: Node) -> bool:
    return (theirs.count, theirs.digest) != (ours.count, ours.digest)
