"""Majors on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from guantong.enrollment.v1 import major_pb2 as pb
from guantong.enrollment.v1 import major_service_pb2 as service_pb

from chassis.changes import EVERYONE, Encoded
from chassis.civil import from_date, to_date
from chassis.errors import DomainError
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug
from chassis.statuses import to_proto
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.import_majors import ImportMajor, RowSame
from services.enrollment.commands.retire_majors import RetireMajor
from services.enrollment.domain.major import Level, Major
from services.enrollment.store.majors import to_row

COLLECTION = "majors"
_LEVELS = {pb.Major.Level.Value(f"LEVEL_{each}"): each for each in Level}
_Result = service_pb.ImportMajorsResponse.Result


def to_message(fields: Mapping[str, Any]) -> pb.Major:
    """Return the resource of a row."""
    return pb.Major(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        code=fields["code"],
        level=pb.Major.Level.Value(f"LEVEL_{fields['level']}"),
        catalogue_year=fields["catalogue_year"],
        display_name=fields["display_name"],
        category=fields["category"],
        subcategory=fields["subcategory"],
        valid_from_date=from_date(fields["valid_from_date"]),
        valid_to_date=from_date(fields["valid_to_date"]),
        successors=[name_of(COLLECTION, each) for each in json.loads(fields["successors"])],
    )


def of_major(major: Major) -> pb.Major:
    """Return the resource of an entry."""
    return to_message(to_row(major))


def encode(major: Major) -> Encoded:
    """Return the resource as it is stored, for everybody: catalogues are published."""
    message = of_major(major)
    return Encoded(message.name, message, (EVERYONE,))


def to_imports(request: service_pb.ImportMajorsRequest) -> list[ImportMajor]:
    """Return the rows that a request imports."""
    valid_from_date = to_date(request.valid_from_date, field="valid_from_date")
    return [
        ImportMajor(
            code=row.code,
            level=_LEVELS[request.level],
            catalogue_year=request.catalogue_year,
            display_name=to_text(row.display_name, field=f"rows[{index}].display_name"),
            category=to_optional_text(row.category, field=f"rows[{index}].category"),
            subcategory=to_optional_text(row.subcategory, field=f"rows[{index}].subcategory"),
            valid_from_date=valid_from_date,
            replaces=list(row.replaces),
        )
        for index, row in enumerate(request.rows)
    ]


def to_result(answer: pb.Major | DomainError) -> _Result:
    """Return what became of a row."""
    if isinstance(answer, RowSame):
        return _Result(outcome=_Result.OUTCOME_SAME)
    if isinstance(answer, DomainError):
        return _Result(outcome=_Result.OUTCOME_ERROR, error=to_proto(answer))
    is_new = answer.version == 1
    outcome = _Result.OUTCOME_NEW if is_new else _Result.OUTCOME_CHANGED
    return _Result(outcome=outcome, major=answer)


def to_retire(request: service_pb.RetireMajorRequest) -> RetireMajor:
    """Return the retirement that a request records."""
    return RetireMajor(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        valid_to_date=to_date(request.valid_to_date, field="valid_to_date"),
        successors=[
            parse_slug(COLLECTION, name, field=f"successors[{index}]")
            for index, name in enumerate(request.successors)
        ],
    )
