"""Batches on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from guantong.transfer.v1 import transfer_batch_pb2 as pb
from guantong.transfer.v1 import transfer_batch_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from chassis.texts import to_text
from services.transfer.commands.draft_transfer_batches import DraftTransferBatch
from services.transfer.commands.open_arrivals import OpenArrival
from services.transfer.commands.publish_proposals import PublishProposal
from services.transfer.commands.record_authority_approvals import RecordAuthorityApproval
from services.transfer.domain.scheme import Scheme, SchemeComponent
from services.transfer.domain.transfer_batch import State, TransferBatch, holder_of

COLLECTION = "transferBatches"


def to_message(fields: Mapping[str, Any]) -> pb.TransferBatch:
    """Return the resource of a row; places are counted beside its versions."""
    components = json.loads(fields["components"])
    state = State(fields["state"])
    taken = fields["reserved"] + fields["admitted"] + fields["lapsed"]
    return pb.TransferBatch(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.TransferBatch.State.Value(f"STATE_{state}"),
        pathway_project=name_of("pathwayProjects", fields["project_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        transfer_year=fields["transfer_year"],
        plan=fields["plan"],
        quota=fields["quota"],
        components=[pb.SchemeComponent(**each) for each in components],
        minimum_total_hundredths=fields["minimum_total_hundredths"],
        front_signed=fields["front_signed"],
        back_signed=fields["back_signed"],
        notice_begin_date=from_date(fields["notice_begin_date"]),
        notice_end_date=from_date(fields["notice_end_date"]),
        approval_number=fields["approval_number"],
        arrival_begin_date=from_date(fields["arrival_begin_date"]),
        arrival_deadline_date=from_date(fields["arrival_deadline_date"]),
        holder=pb.TransferBatch.Holder.Value(f"HOLDER_{holder_of(state)}"),
        quota_use=pb.TransferBatch.Quota(
            plan=fields["quota"],
            free=fields["quota"] - taken,
            reserved=fields["reserved"],
            admitted=fields["admitted"],
            lapsed=fields["lapsed"],
        ),
    )


def encode(batch: TransferBatch) -> Encoded:
    """Return the resource as it is stored: without what is counted when read."""
    message = to_message(
        {
            **vars(batch),
            "components": json.dumps([vars(each) for each in batch.scheme.components]),
            "minimum_total_hundredths": batch.scheme.minimum_total_hundredths,
        }
    )
    message.ClearField("quota_use")
    return Encoded(message.name, message, (batch.front, batch.back))


def to_draft(request: service_pb.CreateTransferBatchRequest) -> DraftTransferBatch:
    """Return the draft that a request asks for."""
    components = tuple(
        SchemeComponent(
            component_id=each.component_id,
            display_name=to_text(each.display_name, field=f"components[{index}].display_name"),
            weight=each.weight,
            full_mark_hundredths=each.full_mark_hundredths,
            pass_mark_hundredths=each.pass_mark_hundredths,
            gate=each.gate,
        )
        for index, each in enumerate(request.components)
    )
    return DraftTransferBatch(
        project_id=parse_uuid("pathwayProjects", request.pathway_project, field="pathway_project"),
        quota=request.quota,
        scheme=Scheme(
            components=components, minimum_total_hundredths=request.minimum_total_hundredths
        ),
    )


def to_target(request: Any) -> dict[str, Any]:
    """Return what every step of a batch has: its id and the etag that the caller has seen."""
    return {"id": parse_uuid(COLLECTION, request.name), "etag": request.etag}


def to_proposal(request: service_pb.PublishProposalRequest) -> PublishProposal:
    """Return the proposal that a request asks for."""
    return PublishProposal(
        **to_target(request),
        begin=to_date(request.notice_begin_date, field="notice_begin_date"),
        end=to_date(request.notice_end_date, field="notice_end_date"),
    )


def to_approval(request: service_pb.RecordAuthorityApprovalRequest) -> RecordAuthorityApproval:
    """Return the approval that a request records."""
    return RecordAuthorityApproval(
        **to_target(request),
        approval_number=to_text(request.approval_number, field="approval_number"),
    )


def to_arrival(request: service_pb.OpenArrivalRequest) -> OpenArrival:
    """Return the arrival that a request opens."""
    return OpenArrival(
        **to_target(request),
        begin=to_date(request.arrival_begin_date, field="arrival_begin_date"),
        deadline=to_date(request.arrival_deadline_date, field="arrival_deadline_date"),
    )
