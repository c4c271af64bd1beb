"""Roster and quota sheets on the wire."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guantong.enrollment.v1 import project_sheet_pb2 as pb

from chassis.civil import from_date
from chassis.names import name_of

COLLECTION = "projectSheets"
_COUNTS = [
    field.name
    for field in pb.ProjectCounts.DESCRIPTOR.fields
    if field.name not in {"project_count", "front_plan", "back_plan"}
]


def to_message(row: Mapping[str, Any], *, on: date) -> pb.ProjectSheet:
    """Return the line of a project."""
    return pb.ProjectSheet(
        name=name_of(COLLECTION, row["id"]),
        at_date=from_date(on),
        pathway_project=name_of("pathwayProjects", row["id"]),
        project_number=row["project_number"],
        approval_document_number=row["approval_document_number"],
        approval_year=row["approval_year"],
        front_organisation=name_of("organisations", row["front"]),
        back_organisation=name_of("organisations", row["back"]),
        front_major=row["front_major"],
        front_major_code=row["front_major_code"],
        back_major=row["back_major"],
        back_major_code=row["back_major_code"],
        counts=to_counts({**row, "project_count": 1}),
    )


def to_counts(row: Mapping[str, Any]) -> pb.ProjectCounts:
    """Return numbers; sums of PostgreSQL come as decimals."""
    return pb.ProjectCounts(
        project_count=row["project_count"],
        front_plan=int(row["front_plan"]),
        back_plan=int(row["back_plan"]),
        **{name: int(row[name]) for name in _COUNTS},
    )
