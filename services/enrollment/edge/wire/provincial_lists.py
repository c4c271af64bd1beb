"""Provincial lists and their imports on the wire."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from guantong.enrollment.v1 import provincial_list_pb2 as pb
from guantong.enrollment.v1 import provincial_list_service_pb2 as service_pb
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject as ProjectMessage

from chassis.changes import EVERYONE, Encoded
from chassis.civil import from_date, from_instant, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug, parse_uuid
from chassis.texts import to_text
from services.enrollment.commands.import_provincial_list_rows import ImportProvincialListRows, Row
from services.enrollment.commands.publish_provincial_lists import PublishProvincialList
from services.enrollment.domain.pathways import Type
from services.enrollment.domain.provincial_list import (
    Finding,
    Outcome,
    Part,
    ProvincialList,
    ProvincialListImport,
    find_differences,
)
from services.enrollment.store.provincial_lists import parts_of

COLLECTION = "provincialLists"
IMPORTS = "provincialListImports"
_TYPES = {ProjectMessage.Type.Value(f"TYPE_{each}"): each for each in Type}
_NUMBERS = {each: number for number, each in _TYPES.items()}


def to_message(fields: Mapping[str, Any]) -> pb.ProvincialList:
    """Return the list of a row whose projects were counted: with what does not agree."""
    parts, imported = parts_of(fields["parts"]), fields["imported"]
    message = _plain(fields, parts)
    message.imported_total = sum(imported.values())
    for part, part_message in zip(parts, message.parts, strict=True):
        part_message.imported_count = sum(imported.get(each, 0) for each in part.types)
    findings = find_differences(stated_total=fields["stated_total"], parts=parts, imported=imported)
    message.findings.extend(_finding(each) for each in findings)
    return message


def encode(provincial_list: ProvincialList) -> Encoded:
    """Return the list as it is stored, for everybody, without counts."""
    message = _plain(vars(provincial_list), provincial_list.parts)
    return Encoded(message.name, message, (EVERYONE,))


def to_import_message(fields: Mapping[str, Any]) -> pb.ProvincialListImport:
    """Return the import of a row."""
    rows = json.loads(fields["rows"])
    counts = {each: sum(row["outcome"] == each for row in rows) for each in Outcome}
    return pb.ProvincialListImport(
        name=name_of(IMPORTS, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        provincial_list=name_of(COLLECTION, fields["list_id"]),
        organisation=name_of("organisations", fields["organisation"]),
        import_time=from_instant(fields["import_time"]),
        new_count=counts[Outcome.NEW],
        changed_count=counts[Outcome.CHANGED],
        same_count=counts[Outcome.SAME],
        error_count=counts[Outcome.ERROR],
        rows=[_row(each) for each in rows],
    )


def encode_import(done: ProvincialListImport) -> Encoded:
    """Return the import as it is stored, for the bureau that keeps the list."""
    rows = json.dumps([asdict(each) for each in done.rows])
    message = to_import_message({**vars(done), "rows": rows})
    return Encoded(message.name, message, (done.organisation,))


def to_unwritten(done: ProvincialListImport) -> pb.ProvincialListImport:
    """Return what an import would do, or that it does nothing: no resource, no new projects."""
    message = encode_import(done).message
    assert isinstance(message, pb.ProvincialListImport)  # noqa: S101 - it was made just above
    for field in ("name", "version", "etag"):
        message.ClearField(field)
    for row in message.rows:
        if row.outcome == pb.ProvincialListImport.Row.OUTCOME_NEW:
            row.ClearField("pathway_project")
    return message


def to_publish(request: service_pb.PublishProvincialListRequest) -> PublishProvincialList:
    """Return the list that a request registers."""
    return PublishProvincialList(
        province_code=request.province_code,
        approval_year=request.approval_year,
        title=to_text(request.title, field="title"),
        document_number=to_text(request.document_number, field="document_number"),
        publish_date=to_date(request.publish_date, field="publish_date"),
        stated_total=request.stated_total,
        parts=tuple(
            Part(
                types=tuple(_TYPES[type_] for type_ in part.types),
                stated_count=part.stated_count,
            )
            for part in request.parts
        ),
        made_up=request.made_up,
    )


def to_import(request: service_pb.ImportProvincialListRowsRequest) -> ImportProvincialListRows:
    """Return the rows that a request imports."""
    return ImportProvincialListRows(
        list_id=parse_uuid(COLLECTION, request.provincial_list, field="provincial_list"),
        rows=[_to_row(row, f"rows[{index}]") for index, row in enumerate(request.rows)],
        validate_only=request.validate_only,
    )


def _to_row(row: service_pb.ProvincialListRow, at: str) -> Row:
    return Row(
        project_number=to_text(row.project_number, field=f"{at}.project_number"),
        type=_TYPES[row.type],
        front=parse_slug("organisations", row.front_organisation, field=f"{at}.front_organisation"),
        front_major=to_text(row.front_major, field=f"{at}.front_major"),
        front_major_code=row.front_major_code,
        back=parse_slug("organisations", row.back_organisation, field=f"{at}.back_organisation"),
        back_major=to_text(row.back_major, field=f"{at}.back_major"),
        back_major_code=row.back_major_code,
        front_plan=row.front_plan,
        back_plan=row.back_plan,
    )


def _plain(fields: Mapping[str, Any], parts: Sequence[Part]) -> pb.ProvincialList:
    return pb.ProvincialList(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        organisation=name_of("organisations", fields["organisation"]),
        province_code=fields["province_code"],
        approval_year=fields["approval_year"],
        title=fields["title"],
        document_number=fields["document_number"],
        publish_date=from_date(fields["publish_date"]),
        stated_total=fields["stated_total"],
        parts=[
            pb.ProvincialList.Part(
                types=[_NUMBERS[each] for each in part.types], stated_count=part.stated_count
            )
            for part in parts
        ],
        made_up=fields["made_up"],
    )


def _finding(finding: Finding) -> pb.ProvincialList.Finding:
    return pb.ProvincialList.Finding(
        kind=pb.ProvincialList.Finding.Kind.Value(f"KIND_{finding.kind}"),
        types=[_NUMBERS[each] for each in finding.types],
        stated_count=finding.stated_count,
        found_count=finding.found_count,
    )


def _row(row: Mapping[str, Any]) -> pb.ProvincialListImport.Row:
    return pb.ProvincialListImport.Row(
        index=row["index"],
        outcome=pb.ProvincialListImport.Row.Outcome.Value(f"OUTCOME_{row['outcome']}"),
        pathway_project=name_of("pathwayProjects", row["project_id"] or None),
        reason=row["reason"],
        message_zh=row["message_zh"],
        message_en=row["message_en"],
    )
