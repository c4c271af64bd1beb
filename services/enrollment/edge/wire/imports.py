"""Imports on the wire: the steps of a stream, and what each is answered with."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from guantong.enrollment.v1 import import_pb2 as pb

from chassis.civil import from_instant
from chassis.import_jobs import Job
from chassis.import_steps import Ending, Opening, RowResult, Rows, Step
from chassis.names import name_of
from chassis.statuses import to_proto
from chassis.texts import to_text

COLLECTION = "imports"
Response = TypeVar("Response", bound=Message)


async def to_steps(requests: AsyncIterator[Any]) -> AsyncIterator[Step[Any]]:
    """Return the steps of a stream; rows are the messages as they came."""
    async for request in requests:
        match request.WhichOneof("step"):
            case "opening":
                yield Opening(
                    UUID(request.opening.request_id),
                    to_text(request.opening.source, field="opening.source"),
                    request.opening.validate_only,
                )
            case "chunk":
                chunk = request.chunk
                yield Rows(chunk.number, chunk.rows, chunk.SerializeToString(deterministic=True))
            case _:
                yield Ending()


def to_response(
    kind: type[Response], job: Job, chunk_number: int, results: Sequence[RowResult]
) -> Response:
    """Return the answer to a step, of the response type of the RPC."""
    return kind(
        job=to_message(vars(job)),
        chunk_number=chunk_number,
        results=[_result(each) for each in results],
    )


def _result(each: RowResult) -> pb.ImportRowResult:
    return pb.ImportRowResult(
        row_number=each.row_number,
        verdict=_VERDICTS[each.verdict],
        resource=each.resource,
        error=None if each.refusal is None else to_proto(each.refusal),
    )


_VERDICTS: Mapping[str, pb.ImportRowResult.Verdict.ValueType] = {
    name.removeprefix("VERDICT_"): pb.ImportRowResult.Verdict.Value(name)
    for name in pb.ImportRowResult.Verdict.keys()  # noqa: SIM118 - an enum of protobuf
}


def to_message(fields: Mapping[str, Any]) -> pb.Import:
    """Return the resource of a row, or of a job."""
    counts = {
        name: fields[name] for name in ("new_rows", "changed_rows", "same_rows", "error_rows")
    }
    return pb.Import(
        name=name_of(COLLECTION, fields["id"]),
        kind=pb.Import.Kind.Value(f"KIND_{fields['kind']}"),
        state=pb.Import.State.Value(f"STATE_{fields['state']}"),
        organisation=name_of("organisations", fields["organisation"]),
        source=fields["source"],
        validate_only=fields["id"] is None,
        next_chunk_number=fields["next_chunk_number"],
        totals=pb.Import.Totals(rows=sum(counts.values()), **counts),
        create_time=from_instant(fields["create_time"]),
        update_time=from_instant(fields["update_time"]),
        finish_time=from_instant(fields["finish_time"]),
    )


def to_error(fields: Mapping[str, Any]) -> pb.ImportRowResult:
    """Return a refused row that was stored."""
    return pb.ImportRowResult(
        row_number=fields["row_number"],
        verdict=pb.ImportRowResult.VERDICT_ERROR,
        error=Status.FromString(fields["error"]),
    )
