"""Import jobs in the database: progress, answers, refused rows, and what rows last said.

Statements only; what they add up to is said in `chassis.imports`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import bulk, db
from chassis.import_tables import import_chunk, import_error, import_job, import_row

# A natural key is kept in this form in a chunk, to find duplicates in a file.
SHORT_KEY_BYTES: Final = 16


class State(StrEnum):
    """States of a job."""

    OPEN = "OPEN"
    FINISHED = "FINISHED"


@dataclass(kw_only=True)
class Job:
    """How far an import is; `id` is None in a rehearsal, of which nothing is kept."""

    id: UUID | None
    kind: str
    state: State = State.OPEN
    organisation: str
    request_id: UUID
    actor: str
    source: str
    next_chunk_number: int = 1
    new_rows: int = 0
    changed_rows: int = 0
    same_rows: int = 0
    error_rows: int = 0
    create_time: datetime
    update_time: datetime
    finish_time: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows were taken so far."""
        return self.new_rows + self.changed_rows + self.same_rows + self.error_rows


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it was taken; `answer` is the message that it was answered with."""

    number: int
    body_digest: bytes
    row_keys: bytes
    answer: bytes
    errors: Mapping[int, bytes] = field(default_factory=dict)


_JOB_COLUMNS: Final = [column.name for column in import_job.columns]
_PROGRESS: Final = [
    "state",
    "next_chunk_number",
    "new_rows",
    "changed_rows",
    "same_rows",
    "error_rows",
    "update_time",
    "finish_time",
]
_IS_OF_REQUEST = (
    (import_job.c.organisation == bindparam("organisation", type_=Text))
    & (import_job.c.kind == bindparam("kind", type_=Text))
    & (import_job.c.request_id == bindparam("request_id", type_=Uuid))
)
_FIND = db.compile(select(import_job).where(_IS_OF_REQUEST))
_LOCK = db.compile(
    select(import_job).where(import_job.c.id == bindparam("job_id", type_=Uuid)).with_for_update()
)
_OPEN = db.compile(
    insert(import_job)
    .values({name: bindparam(f"{name}_", type_=import_job.c[name].type) for name in _JOB_COLUMNS})
    .on_conflict_do_nothing(constraint="import_job_request")
)
_ADVANCE = db.compile(
    update(import_job)
    .where(import_job.c.id == bindparam("job_id", type_=Uuid))
    .values({name: bindparam(f"{name}_", type_=import_job.c[name].type) for name in _PROGRESS})
)
_FIND_CHUNK = db.compile(
    select(import_chunk).where(
        import_chunk.c.job_id == bindparam("job_id", type_=Uuid),
        import_chunk.c.number == bindparam("number", type_=import_chunk.c.number.type),
    )
)
_KEYS = db.compile(
    select(import_chunk.c.row_keys)
    .where(import_chunk.c.job_id == bindparam("job_id", type_=Uuid))
    .order_by(import_chunk.c.number)
)
_CHUNK_COLUMNS: Final = ["job_id", "number", "body_digest", "row_keys", "answer"]
_ADD_CHUNK = bulk.insert_many(import_chunk, _CHUNK_COLUMNS)
_ERROR_COLUMNS: Final = ["job_id", "row_number", "error"]
_ADD_ERRORS = bulk.insert_many(import_error, _ERROR_COLUMNS)
_CONTENTS = db.compile(
    select(import_row.c.key, import_row.c.content).where(
        import_row.c.kind == bindparam("kind", type_=Text),
        import_row.c.key == any_(bindparam("keys", type_=ARRAY(LargeBinary))),
    )
)


def _keep_contents() -> db.Statement:
    given: Any = (
        func.unnest(
            bindparam("keys", type_=ARRAY(LargeBinary)),
            bindparam("contents", type_=ARRAY(LargeBinary)),
        )
        .table_valued("key", "content", joins_implicitly=True)
        .render_derived()
    )
    statement = insert(import_row).from_select(
        ["kind", "key", "content"],
        select(bindparam("kind", type_=Text), given.c.key, given.c.content).order_by(given.c.key),
    )
    new = statement.excluded
    return db.compile(
        statement.on_conflict_do_update(
            index_elements=["kind", "key"],
            set_={"content": new.content},
            where=new.content != import_row.c.content,
        )
    )


_KEEP_CONTENTS = _keep_contents()


async def open_job(tx: db.Transaction, job: Job) -> Job:
    """Store a job, or return the one that is stored of the same request."""
    await tx.execute(_OPEN, **{f"{name}_": value for name, value in vars(job).items()})
    row = await tx.fetch_one(
        _FIND, organisation=job.organisation, kind=job.kind, request_id=job.request_id
    )
    if row is None:
        raise db.VersionConflict
    return _job_of(row)


async def lock_job(tx: db.Transaction, job_id: UUID) -> Job:
    """Load a job, locked: of two streams of one job the second waits here."""
    row = await tx.fetch_one(_LOCK, job_id=job_id)
    if row is None:
        raise db.VersionConflict
    return _job_of(row)


async def advance_job(tx: db.Transaction, job: Job) -> None:
    """Write how far a locked job is."""
    await tx.execute(
        _ADVANCE, job_id=job.id, **{f"{name}_": getattr(job, name) for name in _PROGRESS}
    )


async def add_chunk(tx: db.Transaction, job_id: UUID, chunk: Chunk) -> None:
    """Keep a chunk's answer, and its refused rows."""
    row = {"job_id": job_id, **{name: getattr(chunk, name) for name in _CHUNK_COLUMNS[1:]}}
    await tx.execute(_ADD_CHUNK, **bulk.arrays(_CHUNK_COLUMNS, [row]))
    if chunk.errors:
        rows = [
            {"job_id": job_id, "row_number": number, "error": error}
            for number, error in chunk.errors.items()
        ]
        await tx.execute(_ADD_ERRORS, **bulk.arrays(_ERROR_COLUMNS, rows))


async def find_chunk(reader: db.Reader, job_id: UUID, number: int) -> Chunk | None:
    """Return a chunk that was taken."""
    row = await reader.fetch_one(_FIND_CHUNK, job_id=job_id, number=number)
    if row is None:
        return None
    return Chunk(row["number"], row["body_digest"], row["row_keys"], row["answer"])


async def load_keys(reader: db.Reader, job_id: UUID) -> dict[bytes, int]:
    """Return the number of the first row of each natural key that a job has taken."""
    packed = b"".join(row["row_keys"] for row in await reader.fetch(_KEYS, job_id=job_id))
    keys: dict[bytes, int] = {}
    for number, start in enumerate(range(0, len(packed), SHORT_KEY_BYTES), start=1):
        keys.setdefault(packed[start : start + SHORT_KEY_BYTES], number)
    return keys


async def find_contents(reader: db.Reader, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return what rows last said, by their natural keys."""
    rows = await reader.fetch(_CONTENTS, kind=kind, keys=list(keys))
    return {row["key"]: row["content"] for row in rows}


async def keep_contents(
    tx: db.Transaction, kind: str, contents: Iterable[tuple[bytes, bytes]]
) -> None:
    """Remember what rows said, by their natural keys, each once."""
    pairs = list(contents)
    if pairs:
        await tx.execute(
            _KEEP_CONTENTS,
            kind=kind,
            keys=[key for key, _ in pairs],
            contents=[content for _, content in pairs],
        )


def _job_of(row: db.Row) -> Job:
    values: dict[str, Any] = dict(row)
    return Job(**{**values, "state": State(row["state"])})
