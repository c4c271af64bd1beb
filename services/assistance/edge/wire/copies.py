"""What the resources of others become in this service: ids and parties, nothing personal."""

from datetime import UTC
from typing import Any
from uuid import UUID

from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.transfer.v1.application_pb2 import Application

from chassis.civil import to_date
from chassis.effects import resource_of
from chassis.names import parse_slug, parse_uuid
from chassis.standing import Link, Standing
from services.assistance.domain.registration import Registration


def to_organisation(change: Change) -> dict[str, Any]:
    """Return the copy of an organisation."""
    message = resource_of(change, Organisation)
    return {
        "id": parse_slug("organisations", message.name),
        "version": change.version,
        "sha256": change.resource_sha256,
        "display_name": message.display_name,
        "kind": Organisation.Kind.Name(message.kind).removeprefix("KIND_"),
    }


def to_standing(change: Change) -> Standing:
    """Return whether an organisation may act, and who goes on with its records.

    Who took over some majors only is none of them: it would see the records of the others.
    """
    message = resource_of(change, Organisation)
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


def to_registration(change: Change) -> Registration:
    """Return what an event says of an application's registration, and the event as evidence."""
    message = resource_of(change, Application)
    return Registration(
        id=parse_uuid("applications", message.name),
        version=change.version,
        sha256=change.resource_sha256,
        front=parse_slug("organisations", message.front_organisation),
        back=parse_slug("organisations", message.back_organisation),
        is_registered=message.state == Application.STATE_REGISTERED,
        event_id=UUID(change.event_id),
        event_type=change.event_type,
        source=change.source,
        position=change.position,
        business_time=change.business_time.ToDatetime(tzinfo=UTC),
    )
