"""Electronic registrations on the wire."""

from collections.abc import Mapping
from typing import Any

from guantong.enrollment.v1 import electronic_registration_pb2 as pb
from guantong.enrollment.v1 import electronic_registration_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from services.enrollment.commands.changing import Target
from services.enrollment.commands.file_electronic_registrations import FileElectronicRegistration
from services.enrollment.commands.return_electronic_registrations import (
    ReturnElectronicRegistration,
)
from services.enrollment.domain.electronic_registration import (
    ElectronicRegistration,
    ReturnReason,
)

COLLECTION = "electronicRegistrations"
_Message = pb.ElectronicRegistration
_REASONS = {_Message.ReturnReason.Value(f"RETURN_REASON_{each}"): each for each in ReturnReason}


def to_message(fields: Mapping[str, Any]) -> pb.ElectronicRegistration:
    """Return the resource of a row."""
    return _Message(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=_Message.State.Value(f"STATE_{fields['state']}"),
        status_record=name_of("statusRecords", fields["status_record_id"]),
        person=name_of("persons", fields["person_id"]),
        organisation=name_of("organisations", fields["organisation"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        approver_organisation=name_of("organisations", fields["approver"]),
        season=_Message.Season.Value(f"SEASON_{fields['season']}"),
        year=fields["year"],
        file_date=from_date(fields["file_date"]),
        decide_date=from_date(fields["decide_date"]),
        return_reason=_Message.ReturnReason.Value(
            f"RETURN_REASON_{fields['return_reason'] or 'UNSPECIFIED'}"
        ),
    )


def encode(registration: ElectronicRegistration) -> Encoded:
    """Return the resource as it is stored, for the schools and who decides."""
    message = to_message(vars(registration))
    return Encoded(message.name, message, tuple(registration.parties))


def to_file(request: service_pb.FileElectronicRegistrationRequest) -> FileElectronicRegistration:
    """Return the filing that a request asks for."""
    return FileElectronicRegistration(
        status_record_id=parse_uuid("statusRecords", request.status_record, field="status_record")
    )


def to_target(request: service_pb.ApproveElectronicRegistrationRequest) -> Target:
    """Return the registration that a request is about."""
    return Target(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def to_return(
    request: service_pb.ReturnElectronicRegistrationRequest,
) -> ReturnElectronicRegistration:
    """Return the return that a request asks for."""
    return ReturnElectronicRegistration(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        return_reason=_REASONS[request.return_reason],
    )
