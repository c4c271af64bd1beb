"""Placements on the wire; where a graduate went is sealed in every message."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import placement_pb2 as pb
from guantong.enrollment.v1 import placement_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug_or_none, parse_uuid, parse_uuid_or_none
from chassis.texts import to_optional_text
from services.enrollment.commands.changing import Target
from services.enrollment.commands.record_placements import RecordPlacement
from services.enrollment.domain.placement import Destination, Finding, Match, Placement, Source
from services.enrollment.store import placements as store

COLLECTION = "placements"
_DESTINATIONS = {
    pb.Placement.Destination.Value(f"DESTINATION_{each}"): each for each in Destination
}
_MATCHES = {pb.Placement.Match.Value(f"MATCH_{each}"): each for each in Match}
_SOURCES = {pb.Placement.Source.Value(f"SOURCE_{each}"): each for each in Source}


def to_message(row: Mapping[str, Any]) -> pb.Placement:
    """Return the placement of a row, with its personal fields sealed."""
    return message_of(store.from_row(row))


def message_of(placement: Placement) -> pb.Placement:
    """Return the resource, with its personal fields sealed."""
    return pb.Placement(
        name=name_of(COLLECTION, placement.id),
        version=placement.version,
        etag=etag_of(placement.version),
        state=pb.Placement.State.Value(f"STATE_{placement.state}"),
        record_date=from_date(placement.record_date),
        person=name_of("persons", placement.person_id),
        status_record=name_of("statusRecords", placement.status_record_id),
        organisation=name_of("organisations", placement.organisation),
        survey_date=from_date(placement.survey_date),
        source=pb.Placement.Source.Value(f"SOURCE_{placement.source}"),
        evidence_sha256=placement.evidence_sha256,
        corrected_placement=name_of(COLLECTION, placement.corrected_id),
        sealed=sealed_pb2.Sealed(subject=str(placement.person_id), fields=dict(placement.sealed)),
    )


def encode(placement: Placement) -> Encoded:
    """Return the placement as it is stored, for the school."""
    message = message_of(placement)
    return Encoded(message.name, message, (placement.organisation,))


def to_record(request: service_pb.RecordPlacementRequest) -> RecordPlacement:
    """Return what a request records."""
    finding = Finding(
        destination=_DESTINATIONS[request.destination],
        employer=parse_slug_or_none("organisations", request.employer, field="employer") or "",
        employer_name=to_optional_text(request.employer_name, field="employer_name"),
        post=to_optional_text(request.post, field="post"),
        region_code=request.region_code,
        match=_MATCHES.get(request.match),
        match_reason=to_optional_text(request.match_reason, field="match_reason"),
        pay_fen=request.pay_fen,
    )
    return RecordPlacement(
        status_record_id=parse_uuid("statusRecords", request.status_record, field="status_record"),
        finding=finding,
        survey_date=to_date(request.survey_date, field="survey_date"),
        source=_SOURCES[request.source],
        evidence_sha256=request.evidence_sha256,
        corrected_id=parse_uuid_or_none(
            COLLECTION, request.corrected_placement, field="corrected_placement"
        ),
    )


def to_confirm(request: service_pb.ConfirmPlacementRequest) -> Target:
    """Return the confirmation that a request asks for."""
    return Target(id=parse_uuid(COLLECTION, request.name), etag=request.etag)
