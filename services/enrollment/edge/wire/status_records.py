"""Status records on the wire."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, cast

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import pathway_project_pb2
from guantong.enrollment.v1 import status_record_pb2 as pb
from guantong.enrollment.v1 import status_record_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from services.enrollment.commands.conclude_status_records import ConcludeStatusRecord
from services.enrollment.commands.graduate_status_records import GraduateStatusRecord
from services.enrollment.domain.status_record import StatusPeriod, StatusRecord
from services.enrollment.domain.student_status import STATUS_CODES, StudentStatus

COLLECTION = "statusRecords"


def to_message(fields: Mapping[str, Any]) -> pb.StatusRecord:
    """Return the resource of a row."""
    return pb.StatusRecord(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.StatusRecord.State.Value(f"STATE_{fields['state']}"),
        person=name_of("persons", fields["person_id"]),
        organisation=name_of("organisations", fields["organisation"]),
        level=pathway_project_pb2.PathwayProject.Level.Value(f"LEVEL_{fields['level']}"),
        stage=pb.StatusRecord.Stage.Value(f"STAGE_{fields['stage']}"),
        pathway_project=name_of("pathwayProjects", fields["project_id"]),
        cohort_member=name_of("cohortMembers", fields["member_id"]),
        major_code=fields["major_code"],
        status_code=STATUS_CODES[StudentStatus(fields["status"])],
        valid_from_date=from_date(fields["valid_from_date"]),
        valid_to_date=from_date(fields["valid_to_date"]),
        graduate_date=from_date(fields["graduate_date"]),
        application=name_of("applications", fields["application_id"]),
        status=pb.StatusRecord.Status.Value(f"STATUS_{fields['status']}"),
        status_from_date=from_date(fields["status_from_date"]),
        status_change=name_of("statusChanges", fields["change_id"]),
        class_name=fields["class_name"],
        grade_year=fields["grade_year"],
        years=fields["years"],
        sealed=sealed_pb2.Sealed(
            subject=str(fields["person_id"]),
            # Of the erased there is nothing.
            fields={
                name: fields[f"sealed_{name}"]
                for name in ("diploma_number", "certificate_number")
                if fields[f"sealed_{name}"]
            },
        ),
        register_date=from_date(fields["register_date"]),
        past_periods=[_period(each) for each in _periods(fields["past_periods"])],
    )


def _periods(value: Any) -> Sequence[Mapping[str, Any]]:
    """Return the past statuses of a row, where they are JSON, or of an aggregate."""
    if not isinstance(value, str):
        return [asdict(each) for each in cast("list[StatusPeriod]", value)]
    periods: list[dict[str, Any]] = json.loads(value)
    for period in periods:
        for name in ("valid_from_date", "valid_to_date"):
            period[name] = date.fromisoformat(period[name])
    return periods


def _period(fields: Mapping[str, Any]) -> pb.StatusRecord.Period:
    return pb.StatusRecord.Period(
        status=pb.StatusRecord.Status.Value(f"STATUS_{fields['status']}"),
        status_code=STATUS_CODES[StudentStatus(fields["status"])],
        major_code=fields["major_code"],
        class_name=fields["class_name"],
        grade_year=fields["grade_year"],
        valid_from_date=from_date(fields["valid_from_date"]),
        valid_to_date=from_date(fields["valid_to_date"]),
        status_change=name_of("statusChanges", fields["change_id"]),
    )


def encode(record: StatusRecord) -> Encoded:
    """Return the resource as it is stored, for both schools of the pathway."""
    message = to_message(vars(record))
    return Encoded(message.name, message, (record.front, record.back))


def to_graduate(
    request: service_pb.GraduateStatusRecordRequest, sealed: Mapping[str, Any]
) -> GraduateStatusRecord:
    """Return the graduation that a request records."""
    return GraduateStatusRecord(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        **sealed,
        graduate_date=to_date(request.graduate_date, field="graduate_date"),
    )


def to_conclude(
    request: service_pb.ConcludeStatusRecordRequest, sealed: Mapping[str, Any]
) -> ConcludeStatusRecord:
    """Return the end without a diploma that a request records."""
    name = service_pb.ConcludeStatusRecordRequest.Conclusion.Name(request.conclusion)
    return ConcludeStatusRecord(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        status=StudentStatus(name.removeprefix("CONCLUSION_")),
        **sealed,
        conclude_date=to_date(request.conclude_date, field="conclude_date"),
    )


def to_headcount(row: Mapping[str, Any]) -> service_pb.Headcount:
    """Return the counts of one major at one school."""
    return service_pb.Headcount(
        organisation=name_of("organisations", row["organisation"]),
        level=pathway_project_pb2.PathwayProject.Level.Value(f"LEVEL_{row['level']}"),
        major_code=row["major_code"],
        in_school_count=row["in_school_count"],
        on_books_count=row["on_books_count"],
    )
