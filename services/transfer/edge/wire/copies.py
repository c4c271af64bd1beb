"""What enrollment's resources become in this service's local copies."""

from typing import Any

from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1 import (
    back_stage_registration_pb2,
    cohort_pb2,
    organisation_pb2,
    pathway_project_pb2,
)

from chassis.civil import to_date
from chassis.effects import resource_of
from chassis.names import parse_slug, parse_uuid, parse_uuid_or_none
from chassis.standing import Link, Standing
from services.transfer.commands.note_registrations import NoteRegistration

_Registration = back_stage_registration_pb2.BackStageRegistration


def to_organisation(change: Change) -> dict[str, Any]:
    """Return the copy of an organisation."""
    message = resource_of(change, organisation_pb2.Organisation)
    return {
        **_copied(change),
        "id": parse_slug("organisations", message.name),
        "display_name": message.display_name,
        "kind": organisation_pb2.Organisation.Kind.Name(message.kind).removeprefix("KIND_"),
    }


def to_standing(change: Change) -> Standing:
    """Return whether an organisation may act, and who goes on with its records.

    Who took over some majors only is none of them: it would see the records of the others.
    """
    message = resource_of(change, organisation_pb2.Organisation)
    return Standing(
        party=parse_slug("organisations", message.name),
        version=change.version,
        is_blocked=bool(message.block_reason),
        end_date=to_date(message.end_date, field="end_date")
        if message.HasField("end_date")
        else None,
        links=tuple(
            Link(
                party=parse_slug("organisations", each.organisation),
                effective_date=to_date(each.effective_date, field="effective_date"),
            )
            for each in message.successors
            if not each.major_codes
        ),
    )


def to_project(change: Change) -> dict[str, Any]:
    """Return the copy of a pathway project."""
    message = resource_of(change, pathway_project_pb2.PathwayProject)
    state = pathway_project_pb2.PathwayProject.State.Name(message.state)
    return {
        **_copied(change),
        "id": parse_uuid("pathwayProjects", message.name),
        "state": state.removeprefix("STATE_"),
        "front": parse_slug("organisations", message.front_organisation),
        "back": parse_slug("organisations", message.back_organisation),
        "back_plan": message.back_plan,
        "transfer_year": message.transfer_year,
    }


def to_member(change: Change) -> dict[str, Any]:
    """Return the copy of a member, with the name as sealed as it came."""
    message = resource_of(change, cohort_pb2.CohortMember)
    return {
        **_copied(change),
        "id": parse_uuid("cohortMembers", message.name),
        "state": cohort_pb2.CohortMember.State.Name(message.state).removeprefix("STATE_"),
        "project_id": parse_uuid("pathwayProjects", message.pathway_project),
        "person_id": parse_uuid("persons", message.person),
        "birth_year": message.birth_year,
        "sealed_display_name": message.sealed.fields["display_name"],
    }


def to_note(change: Change) -> NoteRegistration:
    """Return what enrollment decided on an arrival."""
    message = resource_of(change, _Registration)
    reason = message.blocking_reason
    return NoteRegistration(
        application_id=parse_uuid("applications", message.application),
        status_record_id=parse_uuid_or_none(
            "statusRecords", message.status_record, field="status_record"
        ),
        blocking_reason=_Registration.BlockingReason.Name(reason).removeprefix("BLOCKING_REASON_")
        if reason
        else "",
    )


def _copied(change: Change) -> dict[str, Any]:
    return {"version": change.version, "sha256": change.resource_sha256}
