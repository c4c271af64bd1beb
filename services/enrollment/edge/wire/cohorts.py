"""Cohorts on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from guantong.enrollment.v1 import cohort_pb2 as pb
from guantong.enrollment.v1 import cohort_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, from_instant, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from chassis.texts import to_text
from services.enrollment.commands.freeze_cohorts import FreezeCohort
from services.enrollment.commands.open_cohorts import OpenCohort
from services.enrollment.commands.rename_classes import RenameClass
from services.enrollment.domain.cohort import Cohort

COLLECTION = "cohorts"


def to_message(fields: Mapping[str, Any]) -> pb.Cohort:
    """Return the resource of a row; the counts are those of the moment of reading."""
    return pb.Cohort(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.Cohort.State.Value(f"STATE_{fields['state']}"),
        pathway_project=name_of("pathwayProjects", fields["project_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        intake_date=from_date(fields["intake_date"]),
        class_names=json.loads(fields["class_names"]),
        plan=fields["plan"],
        enrolled_count=fields.get("enrolled_count", 0),
        active_count=fields.get("active_count", 0),
        freeze_time=from_instant(fields["freeze_time"]),
        suspended_count=fields.get("suspended_count", 0),
        left_count=fields.get("left_count", 0),
        graduated_count=fields.get("graduated_count", 0),
    )


def encode(cohort: Cohort) -> Encoded:
    """Return the resource as it is stored, for both schools, without counts."""
    message = to_message({**vars(cohort), "class_names": json.dumps(cohort.class_names)})
    return Encoded(message.name, message, (cohort.front, cohort.back))


def to_open(request: service_pb.OpenCohortRequest) -> OpenCohort:
    """Return the cohort that a request opens."""
    return OpenCohort(
        project_id=parse_uuid("pathwayProjects", request.pathway_project, field="pathway_project"),
        intake_date=to_date(request.intake_date, field="intake_date"),
        class_names=[
            to_text(name, field=f"class_names[{index}]")
            for index, name in enumerate(request.class_names)
        ],
    )


def to_freeze(request: service_pb.FreezeCohortRequest) -> FreezeCohort:
    """Return the freezing that a request asks for."""
    return FreezeCohort(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def to_rename_class(request: service_pb.RenameClassRequest) -> RenameClass:
    """Return the new name that a request gives to a class."""
    return RenameClass(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        class_name=to_text(request.class_name, field="class_name"),
        new_class_name=to_text(request.new_class_name, field="new_class_name"),
    )
