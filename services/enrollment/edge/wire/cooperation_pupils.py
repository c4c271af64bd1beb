"""Places on rosters of cooperations on the wire."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import cooperation_pb2 as pb
from guantong.enrollment.v1 import cooperation_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug_or_none, parse_uuid
from chassis.texts import to_text
from services.enrollment.commands.add_cooperation_pupils import AddCooperationPupil
from services.enrollment.commands.remove_cooperation_pupils import RemoveCooperationPupil
from services.enrollment.domain.cooperation_pupil import CooperationPupil

COLLECTION = "cooperationPupils"


def to_message(fields: Mapping[str, Any]) -> pb.CooperationPupil:
    """Return the resource of a row, or of an aggregate's fields."""
    return pb.CooperationPupil(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.CooperationPupil.State.Value(f"STATE_{fields['state']}"),
        cooperation=name_of("cooperations", fields["cooperation_id"]),
        kind=pb.Cooperation.Kind.Value(f"KIND_{fields['kind']}"),
        person=name_of("persons", fields["person_id"]),
        status_record=name_of("statusRecords", fields["status_record_id"]),
        school=name_of("organisations", fields["school"]),
        enterprise=name_of("organisations", fields["enterprise"] or None),
        join_date=from_date(fields["join_date"]),
        leave_date=from_date(fields["leave_date"]),
        agreement_sha256=fields["agreement_sha256"],
        consent=name_of("consents", fields["consent_id"]),
        sealed=_sealed(fields) if fields["sealed_leave_reason"] else None,
    )


def encode(pupil: CooperationPupil) -> Encoded:
    """Return the resource as it is stored, for the schools: a feed asks for no consent."""
    message = to_message(vars(pupil))
    return Encoded(message.name, message, tuple(dict.fromkeys([pupil.school, *pupil.schools])))


def to_add(request: service_pb.AddCooperationPupilRequest) -> AddCooperationPupil:
    """Return the pupil whom a request adds."""
    return AddCooperationPupil(
        cooperation_id=parse_uuid("cooperations", request.cooperation, field="cooperation"),
        status_record_id=parse_uuid("statusRecords", request.status_record, field="status_record"),
        enterprise=parse_slug_or_none("organisations", request.enterprise, field="enterprise")
        or "",
        join_date=to_date(request.join_date, field="join_date"),
        agreement_sha256=request.agreement_sha256,
    )


def to_remove(request: service_pb.RemoveCooperationPupilRequest) -> RemoveCooperationPupil:
    """Return the pupil whom a request takes off."""
    return RemoveCooperationPupil(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        leave_date=to_date(request.leave_date, field="leave_date"),
        leave_reason=to_text(request.leave_reason, field="leave_reason"),
    )


def _sealed(fields: Mapping[str, Any]) -> sealed_pb2.Sealed:
    return sealed_pb2.Sealed(
        subject=str(fields["person_id"]), fields={"leave_reason": fields["sealed_leave_reason"]}
    )
