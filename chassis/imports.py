"""Imports: rows of a file taken chunk by chunk, each in one transaction, by a job that resumes.

A chunk's rows, their change rows and the job's progress are one transaction, so whatever breaks
off, the job goes on at the next chunk. A chunk that comes again is answered as before. A row whose
content is what was last taken by its natural key is the same, whatever else has changed since: the
same file again changes nothing. A refused row sinks no other. A rehearsal does all of it in a
transaction that is rolled back at the end of the stream, so its verdicts are those of the run.

While one chunk is written, the next is recognised and prepared; no more are in memory. This module
must not know what a row is.
"""

import hashlib
import hmac
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import Final, Generic

from google.protobuf.message import Message

from chassis import changes, db, import_jobs
from chassis.ahead import one_ahead
from chassis.changes import Encoders
from chassis.errors import DeadlinePassed, DomainError, Kind, RequestIdReused
from chassis.ids import new_id
from chassis.import_jobs import SHORT_KEY_BYTES, Chunk, Job, State
from chassis.import_steps import (
    Ending,
    ImportChunkOutOfOrder,
    Importer,
    ImportFinished,
    ImportNotOpened,
    ImportTooLong,
    Item,
    Opening,
    Ready,
    Recognised,
    Row,
    RowDuplicated,
    RowResult,
    Rows,
    Step,
    Verdict,
)
from chassis.requests import Call
from chassis.statuses import to_proto

# What one job keeps in memory, the keys of its rows, is bounded by this.
ROWS_MAX: Final = 200_000
REHEARSAL_MAX_S: Final = 300.0
_NO_KEY: Final = bytes(SHORT_KEY_BYTES)
# What another attempt may not refuse: it refuses the chunk and not the row.
_PASSING: Final = frozenset({Kind.UNAVAILABLE, Kind.RESOURCE_EXHAUSTED, Kind.ABORTED})

# Makes the answer to a step: the job, whether it is a rehearsal, the chunk's number, its results.
Reply = Callable[[Job, int, Sequence[RowResult]], Message]
# Raises where the caller's organisation may not act at all.
Admit = Callable[[db.Transaction, Call], Awaitable[None]]


@dataclass(slots=True)
class _Prepared(Generic[Item, Ready]):
    """A chunk of which only the transaction is left."""

    number: int
    body_digest: bytes
    first_row_number: int
    keys: bytes = b""
    # By index: None for the same, and for those that are to be written.
    results: list[RowResult | None] = field(default_factory=list)
    items: list[tuple[int, Recognised[Item]]] = field(default_factory=list)
    ready: Sequence[Ready] = ()


class Imports:
    """Runs the streams of imports."""

    def __init__(
        self, database: db.Database, encoders: Encoders, admit: Admit, *, request_key: bytes
    ) -> None:
        """Take the key of the digests of chunks; it must never change."""
        self.database = database
        self.encoders = encoders
        self.admit = admit
        self._request_key = request_key

    def digest(self, body: bytes) -> bytes:
        """Return the keyed digest of a chunk, whose short values a bare hash would give away."""
        return hmac.digest(self._request_key, body, "sha256")

    async def run(
        self,
        call: Call,
        steps: AsyncIterator[Step[Row]],
        importer: Importer[Row, Item, Ready],
        reply: Reply,
    ) -> AsyncGenerator[Message, None]:
        """Answer each step of a stream; refuses the stream as the refusals of this module say."""
        opening = await anext(steps, None)
        if not isinstance(opening, Opening):
            raise ImportNotOpened
        async with AsyncExitStack() as stack:
            job = _job_of(opening, call, importer.kind)
            stream = _Stream(self, call, importer, reply, job)
            if opening.validate_only:
                stream.rehearsal = await stack.enter_async_context(self.database.rehearsal())
            else:
                await stream.open()
            yield reply(stream.job, 0, [])
            prepared = await stack.enter_async_context(aclosing(stream.prepared(steps)))
            ahead = await stack.enter_async_context(aclosing(one_ahead(prepared)))
            async for step in ahead:
                yield await stream.take(step)


def _job_of(opening: Opening, call: Call, kind: str) -> Job:
    now = call.origin.business_time
    return Job(
        id=None if opening.validate_only else new_id(),
        kind=kind,
        organisation=call.caller.organisation,
        request_id=opening.request_id,
        actor=call.origin.actor,
        source=opening.source,
        create_time=now,
        update_time=now,
    )


class _Stream(Generic[Row, Item, Ready]):
    """One stream: what is read ahead of what is written, each with its own count of chunks."""

    def __init__(
        self,
        imports: Imports,
        call: Call,
        importer: Importer[Row, Item, Ready],
        reply: Reply,
        job: Job,
    ) -> None:
        self._imports = imports
        self._call = call
        self._importer = importer
        self._reply = reply
        self.job = job
        self.rehearsal: db.Transaction | None = None
        self._started_s = time.monotonic()
        self._read_chunk_number = 1
        self._read_rows = 0
        self._numbers: dict[bytes, int] = {}

    async def open(self) -> None:
        """Store the job, or go on with the one that was opened by the same request."""
        asked = self.job
        imports = self._imports

        async def work(tx: db.Transaction) -> Job:
            await imports.admit(tx, self._call)
            return await import_jobs.open_job(tx, asked)

        self.job = job = await imports.database.transact(work)
        if job.source != asked.source:
            raise RequestIdReused(request_id=str(job.request_id))
        self._read_chunk_number = job.next_chunk_number
        self._read_rows = job.rows
        if job.id is not None and job.next_chunk_number > 1:
            self._numbers = await import_jobs.load_keys(imports.database, job.id)
            self._numbers.pop(_NO_KEY, None)

    # Read ahead.

    async def prepared(
        self, steps: AsyncIterator[Step[Row]]
    ) -> AsyncGenerator[_Prepared[Item, Ready] | Ending, None]:
        """Recognise and prepare the rows of each chunk that is new."""
        async for step in steps:
            if isinstance(step, Opening):
                raise ImportNotOpened
            if isinstance(step, Ending):
                yield step
            else:
                yield await self._prepare(step)

    async def _prepare(self, step: Rows[Row]) -> _Prepared[Item, Ready]:
        prepared: _Prepared[Item, Ready] = _Prepared(
            step.number, self._imports.digest(step.body), self._read_rows + 1
        )
        if step.number > self._read_chunk_number:
            raise ImportChunkOutOfOrder(expected=str(self._read_chunk_number))
        if step.number < self._read_chunk_number or self.job.state is State.FINISHED:
            return prepared
        self._read_chunk_number += 1
        self._read_rows += len(step.rows)
        if self._read_rows > ROWS_MAX:
            raise ImportTooLong(rows_max=str(ROWS_MAX))
        is_rehearsal = self.rehearsal is not None
        recognised = await self._importer.recognise(step.rows, is_rehearsal=is_rehearsal)
        live = self._sort_out(prepared, recognised)
        prepared.items = await self._drop_same(live)
        items = [each.item for _, each in prepared.items]
        prepared.ready = await self._importer.prepare(items)
        return prepared

    def _sort_out(
        self,
        prepared: _Prepared[Item, Ready],
        recognised: Sequence[Recognised[Item] | DomainError],
    ) -> list[tuple[int, Recognised[Item]]]:
        """Return the rows that are neither refused nor duplicates of earlier ones."""
        live, keys = [], []
        for index, each in enumerate(recognised):
            number = prepared.first_row_number + index
            refusal: DomainError | None = None
            key = _NO_KEY
            if isinstance(each, DomainError):
                refusal = each
            else:
                key = hashlib.blake2b(each.key, digest_size=SHORT_KEY_BYTES).digest()
                earlier = self._numbers.setdefault(key, number)
                if earlier != number:
                    refusal = RowDuplicated(row_number=str(earlier))
                else:
                    live.append((index, each))
            keys.append(key)
            prepared.results.append(None if refusal is None else _refused(number, refusal))
        prepared.keys = b"".join(keys)
        return live

    async def _drop_same(
        self, live: list[tuple[int, Recognised[Item]]]
    ) -> list[tuple[int, Recognised[Item]]]:
        known = [each.key for _, each in live if not each.is_unknown]
        if not known:
            return live
        contents = await import_jobs.find_contents(
            self._imports.database, self._importer.kind, known
        )
        return [pair for pair in live if contents.get(pair[1].key) != pair[1].content]

    # Write.

    async def take(self, step: _Prepared[Item, Ready] | Ending) -> Message:
        """Write a step and return its answer."""
        if self.rehearsal is not None:
            if time.monotonic() > self._started_s + REHEARSAL_MAX_S:
                raise DeadlinePassed
            return await self._take(step, self.rehearsal)
        attempts: list[None] = []

        async def work(tx: db.Transaction) -> tuple[Job, Message]:
            if self.job.id is None:
                raise RuntimeError("only a rehearsal has no id")
            self.job = await import_jobs.lock_job(tx, self.job.id)
            attempts.append(None)
            return self.job, await self._take(step, tx, is_again=len(attempts) > 1)

        self.job, answer = await self._imports.database.transact(work)
        return answer

    async def _take(
        self,
        step: _Prepared[Item, Ready] | Ending,
        tx: db.Transaction,
        *,
        is_again: bool = False,
    ) -> Message:
        if isinstance(step, Ending):
            return await self._finish(tx)
        job = self.job
        if step.number < job.next_chunk_number:
            return await self._answer_again(tx, step)
        if job.state is State.FINISHED:
            raise ImportFinished
        if step.number > job.next_chunk_number:
            raise ImportChunkOutOfOrder(expected=str(job.next_chunk_number))
        await self._imports.admit(tx, self._call)
        results = await self._write(tx, step, is_again=is_again)
        answer = self._reply(job, step.number, results)
        if job.id is not None:
            await self._keep(tx, step, results, answer)
        tx.pending.facts.clear()
        tx.pending.encoded.clear()
        return answer

    async def _write(
        self, tx: db.Transaction, step: _Prepared[Item, Ready], *, is_again: bool
    ) -> list[RowResult]:
        job = self.job
        async with changes.encoding_ahead(tx, self._imports.encoders):
            outcomes = await self._importer.write(tx, step.ready, is_again=is_again)
        results = list(step.results)
        for (index, _), outcome in zip(step.items, outcomes, strict=True):
            number = step.first_row_number + index
            if isinstance(outcome, DomainError):
                if outcome.kind in _PASSING:
                    raise outcome
                results[index] = _refused(number, outcome)
            elif outcome.verdict is not Verdict.SAME:
                resource = "" if job.id is None else outcome.resource
                results[index] = RowResult(number, outcome.verdict, resource)
        told = [each for each in results if each is not None]
        counts = dict.fromkeys(Verdict, 0)
        for each in told:
            counts[each.verdict] += 1
        job.new_rows += counts[Verdict.NEW]
        job.changed_rows += counts[Verdict.CHANGED]
        job.error_rows += counts[Verdict.ERROR]
        job.same_rows += len(results) - len(told)
        job.next_chunk_number += 1
        job.update_time = self._call.origin.business_time
        return told

    async def _keep(
        self,
        tx: db.Transaction,
        step: _Prepared[Item, Ready],
        results: Sequence[RowResult],
        answer: Message,
    ) -> None:
        job = self.job
        if job.id is None:
            return
        await changes.record(tx, self._imports.encoders, self._call.origin)
        errors = {
            each.row_number: to_proto(each.refusal).SerializeToString()
            for each in results
            if each.refusal is not None
        }
        taken = [
            (each.key, each.content)
            for index, each in step.items
            if step.first_row_number + index not in errors
        ]
        await import_jobs.keep_contents(tx, job.kind, taken)
        await import_jobs.advance_job(tx, job)
        chunk = Chunk(step.number, step.body_digest, step.keys, answer.SerializeToString(), errors)
        await import_jobs.add_chunk(tx, job.id, chunk)

    async def _answer_again(self, tx: db.Transaction, step: _Prepared[Item, Ready]) -> Message:
        """Return what a chunk was answered with; raises RequestIdReused for other rows."""
        job = self.job
        chunk = job.id and await import_jobs.find_chunk(tx, job.id, step.number)
        if not chunk:
            raise ImportChunkOutOfOrder(expected=str(job.next_chunk_number))
        if not hmac.compare_digest(chunk.body_digest, step.body_digest):
            raise RequestIdReused(request_id=str(job.request_id))
        answer = self._reply(job, step.number, [])
        answer.Clear()
        answer.MergeFromString(chunk.answer)
        return answer

    async def _finish(self, tx: db.Transaction) -> Message:
        job = self.job
        if job.state is State.OPEN:
            job.state = State.FINISHED
            job.finish_time = job.update_time = self._call.origin.business_time
            if job.id is not None:
                await import_jobs.advance_job(tx, job)
        return self._reply(job, 0, [])


def _refused(number: int, refusal: DomainError) -> RowResult:
    return RowResult(number, Verdict.ERROR, refusal=refusal)
