"""Pathway projects on the wire."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from guantong.enrollment.v1 import pathway_project_pb2 as pb
from guantong.enrollment.v1 import pathway_project_service_pb2 as service_pb

from chassis.changes import EVERYONE, Encoded
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug, parse_uuid
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.approve_pathway_projects import ApprovePathwayProject
from services.enrollment.commands.close_pathway_projects import ClosePathwayProject
from services.enrollment.commands.declare_pathway_projects import DeclarePathwayProject
from services.enrollment.commands.stop_pathway_projects import StopPathwayProject
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import InternshipArrangement, Type

COLLECTION = "pathwayProjects"
_TYPES = {pb.PathwayProject.Type.Value(f"TYPE_{each}"): each for each in Type}
_ARRANGEMENTS = {
    pb.PathwayProject.InternshipArrangement.Value(f"INTERNSHIP_ARRANGEMENT_{each}"): each
    for each in InternshipArrangement
}


def to_message(fields: Mapping[str, Any]) -> pb.PathwayProject:
    """Return the resource of a row."""
    return pb.PathwayProject(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.PathwayProject.State.Value(f"STATE_{fields['state']}"),
        project_number=fields["project_number"],
        type=pb.PathwayProject.Type.Value(f"TYPE_{fields['type']}"),
        approval_year=fields["approval_year"],
        front_organisation=name_of("organisations", fields["front"]),
        front_major=fields["front_major"],
        front_major_code=fields["front_major_code"],
        back_organisation=name_of("organisations", fields["back"]),
        back_major=fields["back_major"],
        back_major_code=fields["back_major_code"],
        front_plan=fields["front_plan"],
        back_plan=fields["back_plan"],
        made_up=fields["made_up"],
        front_direction=fields["front_direction"],
        back_direction=fields["back_direction"],
        front_level=pb.PathwayProject.Level.Value(f"LEVEL_{fields['front_level']}"),
        back_level=pb.PathwayProject.Level.Value(f"LEVEL_{fields['back_level']}"),
        front_years=fields["front_years"],
        back_years=fields["back_years"],
        transfer_year=fields["transfer_year"],
        approval_document_number=fields["approval_document_number"],
        front_internship_arrangement=_arrangement(fields["front_internship_arrangement"]),
        back_internship_arrangement=_arrangement(fields["back_internship_arrangement"]),
        stop_reason=fields["stop_reason"],
        provincial_list=name_of("provincialLists", fields["provincial_list_id"]),
        warnings=[to_warning(each) for each in json.loads(fields["warnings"])],
    )


def to_warning(fields: Mapping[str, Any]) -> pb.IntakeWarning:
    """Return the warning of a row."""
    return pb.IntakeWarning(
        back_organisation=name_of("organisations", fields["back"]),
        approval_year=fields["approval_year"],
        planned_intake=fields["planned_intake"],
        intake_max=fields["intake_max"],
        cut_from_year=fields["cut_from_year"],
        source=fields["source"],
    )


def encode(project: PathwayProject) -> Encoded:
    """Return the resource as it is stored, for everybody: the lists are published."""
    warnings = json.dumps([asdict(each) for each in project.warnings])
    message = to_message({**vars(project), "warnings": warnings})
    return Encoded(message.name, message, (EVERYONE,))


def to_declare(request: service_pb.DeclarePathwayProjectRequest) -> DeclarePathwayProject:
    """Return the project that a request declares."""
    return DeclarePathwayProject(
        project_number=to_text(request.project_number, field="project_number"),
        type=_TYPES[request.type],
        approval_year=request.approval_year,
        front=parse_slug("organisations", request.front_organisation, field="front_organisation"),
        front_major=to_text(request.front_major, field="front_major"),
        front_major_code=request.front_major_code,
        back=parse_slug("organisations", request.back_organisation, field="back_organisation"),
        back_major=to_text(request.back_major, field="back_major"),
        back_major_code=request.back_major_code,
        front_direction=to_optional_text(request.front_direction, field="front_direction"),
        back_direction=to_optional_text(request.back_direction, field="back_direction"),
        front_plan=request.front_plan,
        back_plan=request.back_plan,
        made_up=request.made_up,
        front_internship_arrangement=_ARRANGEMENTS.get(request.front_internship_arrangement),
        back_internship_arrangement=_ARRANGEMENTS.get(request.back_internship_arrangement),
    )


def to_approve(request: service_pb.ApprovePathwayProjectRequest) -> ApprovePathwayProject:
    """Return the approval that a request records."""
    return ApprovePathwayProject(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        approval_document_number=to_text(
            request.approval_document_number, field="approval_document_number"
        ),
    )


def to_stop(request: service_pb.StopPathwayProjectRequest) -> StopPathwayProject:
    """Return the stopping that a request asks for."""
    return StopPathwayProject(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        stop_reason=to_text(request.stop_reason, field="stop_reason"),
    )


def to_close(request: service_pb.ClosePathwayProjectRequest) -> ClosePathwayProject:
    """Return the closing that a request asks for."""
    return ClosePathwayProject(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def _arrangement(name: str | None) -> pb.PathwayProject.InternshipArrangement.ValueType:
    return pb.PathwayProject.InternshipArrangement.Value(
        f"INTERNSHIP_ARRANGEMENT_{name or 'UNSPECIFIED'}"
    )
