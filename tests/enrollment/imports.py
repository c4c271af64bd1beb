"""A client of imports, and files of made-up students."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import grpc.aio
from google.rpc import error_details_pb2
from guantong.enrollment.v1 import import_service_pb2 as pb
from guantong.enrollment.v1.cohort_pb2 import Cohort
from guantong.enrollment.v1.import_pb2 import Import, ImportRowResult
from guantong.enrollment.v1.import_service_pb2_grpc import ImportServiceStub
from guantong.enrollment.v1.organisation_pb2 import Organisation

from tests.enrollment import made
from tests.enrollment.edge.world import cohort_fields, declaration_fields, do, organisation_fields
from tests.served import Served

VERDICTS = ImportRowResult.Verdict


@dataclass
class Imported:
    """What a stream was answered with."""

    answers: list[pb.ImportRosterResponse] = field(default_factory=list)

    @property
    def job(self) -> Import:
        return self.answers[-1].job

    @property
    def totals(self) -> tuple[int, int, int, int]:
        """New, changed, same and refused rows."""
        totals = self.job.totals
        return totals.new_rows, totals.changed_rows, totals.same_rows, totals.error_rows

    @property
    def verdicts(self) -> dict[int, str]:
        """By row number: NEW, CHANGED, or the reason of a refusal; the same are not told."""
        found = {}
        for answer in self.answers:
            for each in answer.results:
                is_error = each.verdict == ImportRowResult.VERDICT_ERROR
                name = VERDICTS.Name(each.verdict).removeprefix("VERDICT_")
                found[each.row_number] = reason_of(each) if is_error else name
        return found


def reason_of(result: ImportRowResult) -> str:
    """Return the reason of a refused row; each has texts in two languages."""
    reason, locales = "", set()
    for detail in result.error.details:
        text = str(detail.TypeName())
        if text == "google.rpc.ErrorInfo":
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            reason = info.reason
        elif text == "google.rpc.LocalizedMessage":
            message = error_details_pb2.LocalizedMessage()
            detail.Unpack(message)
            locales.add(message.locale)
    assert locales == {"zh-CN", "en"}
    return reason


def row(cohort: Cohort, serial: int, **changes: Any) -> pb.ImportRosterRequest.Row:
    """Return a row of a made-up student."""
    facts: dict[str, Any] = {
        "cohort": cohort.name,
        "class_name": made.CLASSES[0],
        "display_name": f"测试学生{serial}",
        "id_number": made.id_number(serial),
        "admission_number": f"20321323{serial:04d}",
        "ethnicity_code": "01",
        "made_up": True,
    }
    return pb.ImportRosterRequest.Row(**facts | changes)


def steps(
    chunks: Sequence[Sequence[pb.ImportRosterRequest.Row]],
    *,
    request_id: str = "",
    first: int = 1,
    validate_only: bool = False,
    ends: bool = True,
) -> list[pb.ImportRosterRequest]:
    """Return the messages of a stream."""
    opening = pb.ImportOpening(
        request_id=request_id or str(uuid4()), source="名册.xlsx", validate_only=validate_only
    )
    found = [pb.ImportRosterRequest(opening=opening)]
    for number, rows in enumerate(chunks, start=first):
        chunk = pb.ImportRosterRequest.Chunk(number=number, rows=rows)
        found.append(pb.ImportRosterRequest(chunk=chunk))
    if ends:
        found.append(pb.ImportRosterRequest(ending=pb.ImportEnding()))
    return found


async def send(
    service: Served,
    messages: Iterable[pb.ImportRosterRequest],
    *,
    party: str = made.FRONT,
    role: str = "registrar",
    into: Imported | None = None,
) -> Imported:
    """Send a stream, each message after the answer to the one before it."""
    imported = Imported() if into is None else into
    stub = ImportServiceStub(service.channel)
    call = stub.ImportRoster(metadata=service.token(party, role))
    for message in messages:
        # A stream that was refused takes no more; what it says is then read.
        with suppress(grpc.aio.UsageError):
            await call.write(message)
        answer: Any = await call.read()
        if answer is grpc.aio.EOF:
            break
        imported.answers.append(answer)
    else:
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        return imported
    status = await call.code()
    raise AssertionError(f"the stream ended early: {status}")


async def open_cohort(service: Served, *, year: int = 2020, front_plan: int = 40) -> Cohort:
    """Open a cohort of the two schools; register them where they are missing."""
    rows = {each["id"] for each in await service.rows("organisation")}
    for slug, kind in (
        (made.FRONT, Organisation.KIND_SECONDARY_VOCATIONAL),
        (made.BACK, Organisation.KIND_HIGHER_VOCATIONAL),
    ):
        if slug not in rows:
            await do(service, "CreateOrganisation", **organisation_fields(slug, kind))
    fields = declaration_fields(year) | {"front_plan": front_plan}
    declared = await do(service, "DeclarePathwayProject", **fields)
    project = await do(
        service,
        "ApprovePathwayProject",
        name=declared.name,
        etag=declared.etag,
        approval_document_number="苏教职函〔2020〕20号",
    )
    cohort: Cohort = await do(service, "OpenCohort", **cohort_fields(project))
    return cohort
