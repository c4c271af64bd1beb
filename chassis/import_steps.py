"""What an import is made of: its steps, what becomes of rows, and what an importer of a kind does.

Types and refusals only; how a stream runs is in `chassis.imports`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, Kind

Row = TypeVar("Row")
Item = TypeVar("Item")
Ready = TypeVar("Ready")
Row_contra = TypeVar("Row_contra", contravariant=True)


class ImportNotOpened(DomainError):
    """The first message of a stream is no opening, or a later one is."""

    kind = Kind.INVALID_ARGUMENT
    zh = "导入须先发送一次且仅一次“开始”消息。请重新开始导入。"
    en = "An import begins with an opening, once. Begin the stream again."


class ImportChunkOutOfOrder(DomainError):
    """Chunks come in the order of their numbers; `expected` comes next."""

    kind = Kind.OUT_OF_RANGE
    zh = "数据块次序不符：应为第 {expected} 块。请从该块继续。"
    en = "The next chunk is number {expected}. Continue from there."


class ImportFinished(DomainError):
    """The file of the job has ended."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该导入已结束，不再接收数据。新的文件请另开导入。"
    en = "The import has ended and takes no more rows. Open another for another file."


class ImportTooLong(DomainError):
    """One job takes no more than `rows_max` rows."""

    kind = Kind.FAILED_PRECONDITION
    zh = "一次导入至多 {rows_max} 行。请拆分文件后分别导入。"
    en = "One import takes {rows_max} rows at most. Split the file."


class RowDuplicated(DomainError):
    """An earlier row of the file has the same natural key."""

    kind = Kind.ALREADY_EXISTS
    zh = "与本文件第 {row_number} 行重复。请核对后保留一行。"
    en = "Row {row_number} of this file is about the same. Compare them and keep one."


class Verdict(StrEnum):
    """What became of a row."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Opening:
    """The first step of a stream."""

    request_id: UUID
    source: str
    validate_only: bool


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """Rows that follow those of the chunk before; `body` is what they were sent as."""

    number: int
    rows: Sequence[Row]
    body: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """The file has ended."""


Step: TypeAlias = Opening | Rows[Row] | Ending


@dataclass(frozen=True, slots=True)
class Recognised(Generic[Item]):
    """What a row is about (its natural key), and what it says, as a keyed digest.

    `is_unknown` where the importer knows that no import has taken the key.
    """

    key: bytes
    content: bytes
    item: Item
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that was not refused: NEW, CHANGED or SAME, and the name of its record."""

    verdict: Verdict
    resource: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row that is not the same as what is known."""

    row_number: int
    verdict: Verdict
    resource: str = ""
    refusal: DomainError | None = None


class Importer(Protocol[Row_contra, Item, Ready]):
    """Takes the rows of one stream. Each method answers its items one by one, in their order."""

    kind: str

    async def recognise(
        self, rows: Sequence[Row_contra], *, is_rehearsal: bool
    ) -> Sequence[Recognised[Item] | DomainError]:
        """Check rows by themselves and find out what they are about; a rehearsal writes nothing."""
        ...

    async def prepare(self, items: Sequence[Item]) -> Sequence[Ready]:
        """Do what needs no transaction: sealing. Rows that are the same do not come here."""
        ...

    async def write(
        self, tx: db.Transaction, ready: Sequence[Ready], *, is_again: bool
    ) -> Sequence[Taken | DomainError]:
        """Apply the rules and write. Run again, and told so, after a conflict."""
        ...
