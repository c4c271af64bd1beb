"""Applications on the wire."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from google.protobuf.message import Message
from guantong.common.v1 import sealed_pb2
from guantong.transfer.v1 import application_pb2 as pb
from guantong.transfer.v1 import application_service_pb2 as service_pb
from guantong.transfer.v1 import transfer_batch_pb2

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.errors import DomainError
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from chassis.statuses import to_proto
from services.transfer.commands.assess_applications import AssessApplication
from services.transfer.commands.cancel_applications import CancelApplication
from services.transfer.commands.divert_applications import DivertApplication
from services.transfer.commands.draft_applications import DraftApplication
from services.transfer.commands.grant_leave import GrantLeave
from services.transfer.commands.record_arrivals import RecordArrival
from services.transfer.commands.refuse_applications import RefuseApplication
from services.transfer.commands.reject_applications import RejectApplication
from services.transfer.commands.retain_places import RetainPlace
from services.transfer.commands.withdraw_applications import WithdrawApplication
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import (
    Diversion,
    RetentionKind,
    State,
    deadline_of,
    holder_of,
)
from services.transfer.domain.scheme import Mark

COLLECTION = "applications"
# Texts as `TextSealer` gives them: `sealed_{field}`.
Sealed: TypeAlias = Mapping[str, Any]
_RETENTIONS = {
    pb.Application.RetentionKind.Value(f"RETENTION_KIND_{each}"): each for each in RetentionKind
}
_DIVERSIONS = {pb.Application.Diversion.Value(f"DIVERSION_{each}"): each for each in Diversion}
_SEALED = ("display_name", "exemption_ground", "decision_reason")
_STATES = {each: pb.Application.State.Value(f"STATE_{each}") for each in State}


def to_message(fields: Mapping[str, Any]) -> pb.Application:
    """Return the resource of a row, with its personal fields sealed."""
    return _to_message(fields, json.loads(fields["marks"]))


def encode(application: Application) -> Encoded:
    """Return the resource as it is stored, for both schools."""
    message = _to_message(vars(application), map(vars, application.marks))
    return Encoded(message.name, message, (application.front, application.back))


def _to_message(fields: Mapping[str, Any], marks: Iterable[Mapping[str, Any]]) -> pb.Application:
    state = State(fields["state"])
    holder = holder_of(state, blocking_reason=fields["blocking_reason"])
    deadline = deadline_of(
        state,
        leave_until_date=fields["leave_until_date"],
        retained_until_date=fields["retained_until_date"],
    )
    retention, diversion = fields["retention_kind"], fields["diversion"]
    return pb.Application(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=_STATES[state],
        transfer_batch=name_of("transferBatches", fields["batch_id"]),
        pathway_project=name_of("pathwayProjects", fields["project_id"]),
        cohort_member=name_of("cohortMembers", fields["member_id"]),
        person=name_of("persons", fields["person_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        marks=[pb.Mark(**each) for each in marks],
        total_hundredths=fields["total_hundredths"],
        rank=fields["rank"],
        approval_number=fields["approval_number"],
        leave_until_date=from_date(fields["leave_until_date"]),
        retention_kind=retention
        and pb.Application.RetentionKind.Value(f"RETENTION_KIND_{retention}"),
        retained_until_date=from_date(fields["retained_until_date"]),
        arrive_date=from_date(fields["arrive_date"]),
        blocking_reason=fields["blocking_reason"],
        status_record=name_of("statusRecords", fields["status_record_id"]),
        diversion=diversion and pb.Application.Diversion.Value(f"DIVERSION_{diversion}"),
        holder=transfer_batch_pb2.TransferBatch.Holder.Value(f"HOLDER_{holder}"),
        deadline_date=from_date(deadline),
        sealed=sealed_pb2.Sealed(
            subject=str(fields["person_id"]),
            # What is empty is absent; of a person who was erased there is nothing.
            fields={name: fields[f"sealed_{name}"] for name in _SEALED if fields[f"sealed_{name}"]},
        ),
    )


def to_target(request: Any) -> dict[str, Any]:
    """Return what every transition has: an id and the etag that the caller has seen."""
    return {"id": parse_uuid(COLLECTION, request.name), "etag": request.etag}


def to_draft(request: service_pb.CreateApplicationRequest) -> DraftApplication:
    return DraftApplication(
        batch_id=parse_uuid("transferBatches", request.transfer_batch, field="transfer_batch"),
        member_id=parse_uuid("cohortMembers", request.cohort_member, field="cohort_member"),
    )


def to_rejection(request: service_pb.RejectApplicationRequest, sealed: Sealed) -> RejectApplication:
    return RejectApplication(**to_target(request), **sealed)


def to_assessment(
    request: service_pb.AssessApplicationRequest, sealed: Sealed
) -> AssessApplication:
    marks = (
        Mark(component_id=each.component_id, mark_hundredths=each.mark_hundredths)
        for each in request.marks
    )
    return AssessApplication(
        **to_target(request),
        marks=tuple(marks),
        absent=request.absent,
        exempt=bool(request.exemption_ground.strip()),
        **sealed,
    )


def to_refusal(request: service_pb.RefuseApplicationRequest, sealed: Sealed) -> RefuseApplication:
    return RefuseApplication(**to_target(request), **sealed)


def to_leave(request: service_pb.GrantLeaveRequest) -> GrantLeave:
    until = to_date(request.leave_until_date, field="leave_until_date")
    return GrantLeave(**to_target(request), until=until)


def to_retention(request: service_pb.RetainPlaceRequest) -> RetainPlace:
    return RetainPlace(
        **to_target(request),
        kind=_RETENTIONS[request.retention_kind],
        until=to_date(request.retained_until_date, field="retained_until_date"),
    )


def to_arrival(request: service_pb.RecordArrivalRequest) -> RecordArrival:
    arrive_date = to_date(request.arrive_date, field="arrive_date")
    return RecordArrival(**to_target(request), arrive_date=arrive_date)


def to_cancellation(
    request: service_pb.CancelApplicationRequest, sealed: Sealed
) -> CancelApplication:
    return CancelApplication(**to_target(request), **sealed)


def to_withdrawal(request: service_pb.WithdrawApplicationRequest) -> WithdrawApplication:
    return WithdrawApplication(**to_target(request), guardian_consented=request.guardian_consented)


def to_diversion(request: service_pb.DivertApplicationRequest) -> DivertApplication:
    return DivertApplication(**to_target(request), diversion=_DIVERSIONS[request.diversion])


def to_result(
    answer: Message | DomainError,
) -> service_pb.BatchSubmitApplicationsResponse.Result:
    """Return what became of one item of a bulk call."""
    if isinstance(answer, DomainError):
        return service_pb.BatchSubmitApplicationsResponse.Result(error=to_proto(answer))
    assert isinstance(answer, pb.Application)  # noqa: S101 - what the encoder makes
    return service_pb.BatchSubmitApplicationsResponse.Result(application=answer)
