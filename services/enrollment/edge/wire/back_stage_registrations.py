"""Back-stage registrations on the wire, and arrivals as the transfer tells them."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1 import back_stage_registration_pb2 as pb
from guantong.transfer.v1 import application_pb2

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.clock import civil_date
from chassis.effects import resource_of
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug, parse_uuid
from services.enrollment.domain.back_stage_registration import Arrival, BackStageRegistration

COLLECTION = "backStageRegistrations"


def to_message(fields: Mapping[str, Any]) -> pb.BackStageRegistration:
    """Return the resource of a row."""
    reason = fields["blocking_reason"]
    return pb.BackStageRegistration(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.BackStageRegistration.State.Value(f"STATE_{fields['state']}"),
        application=name_of("applications", fields["id"]),
        person=name_of("persons", fields["person_id"]),
        cohort_member=name_of("cohortMembers", fields["member_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        blocking_reason=reason
        and pb.BackStageRegistration.BlockingReason.Value(f"BLOCKING_REASON_{reason}"),
        status_record=name_of("statusRecords", fields["status_record_id"]),
        arrive_date=from_date(fields["arrive_date"]),
    )


def encode(registration: BackStageRegistration) -> Encoded:
    """Return the resource as it is stored, for both schools."""
    message = to_message(vars(registration))
    return Encoded(message.name, message, (registration.front, registration.back))


def to_arrival(change: Change) -> Arrival:
    """Return what an application says of an arrival; raises ChangeUnreadable."""
    application = resource_of(change, application_pb2.Application)
    return Arrival(
        application_id=parse_uuid("applications", application.name),
        project_id=parse_uuid(
            "pathwayProjects", application.pathway_project, field="pathway_project"
        ),
        person_id=parse_uuid("persons", application.person, field="person"),
        member_id=parse_uuid("cohortMembers", application.cohort_member, field="cohort_member"),
        front=parse_slug(
            "organisations", application.front_organisation, field="front_organisation"
        ),
        back=parse_slug("organisations", application.back_organisation, field="back_organisation"),
        arrive_date=to_date(application.arrive_date, field="arrive_date"),
    )


def to_application_id(change: Change) -> UUID:
    """Return the application that changed: its registration has the same id."""
    return parse_uuid("applications", change.resource_name)


def to_forfeited_place(change: Change) -> dict[str, Any]:
    """Return the place that an admitted applicant gave up, on the business date of that."""
    application = resource_of(change, application_pb2.Application)
    return {
        "id": parse_uuid("applications", application.name),
        "version": change.version,
        "sha256": change.resource_sha256,
        "project_id": parse_uuid(
            "pathwayProjects", application.pathway_project, field="pathway_project"
        ),
        "member_id": parse_uuid("cohortMembers", application.cohort_member, field="cohort_member"),
        "forfeit_date": civil_date(change.business_time.ToDatetime(tzinfo=UTC)),
    }
