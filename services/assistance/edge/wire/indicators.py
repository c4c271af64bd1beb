"""Indicators and their evidence on the wire."""

from collections.abc import Mapping
from typing import Any

from guantong.assistance.v1 import indicator_pb2 as pb
from guantong.assistance.v1 import indicator_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_instant
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from services.assistance.commands.create_indicators import CreateIndicator
from services.assistance.domain.indicator import Indicator, Kind

COLLECTION = "indicators"


def to_message(fields: Mapping[str, Any]) -> pb.Indicator:
    """Return the resource of a row."""
    return pb.Indicator(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        pairing=name_of("pairings", fields["pairing_id"]),
        helper=name_of("organisations", fields["helper"]),
        receiver=name_of("organisations", fields["receiver"]),
        kind=pb.Indicator.Kind.Value(f"KIND_{fields['kind']}"),
        target=fields["target"],
        actual=fields["actual"],
    )


def encode(indicator: Indicator) -> Encoded:
    """Return the resource as it is stored, for the parties of the pairing."""
    message = to_message(vars(indicator))
    parties = {indicator.helper, indicator.receiver, indicator.office}
    return Encoded(message.name, message, tuple(sorted(parties)))


def to_evidence_message(fields: Mapping[str, Any]) -> pb.IndicatorEvidence:
    """Return a piece of evidence of a row."""
    return pb.IndicatorEvidence(
        event_id=str(fields["event_id"]),
        event_type=fields["event_type"],
        source=fields["source"],
        position=fields["position"],
        resource_name=fields["resource_name"],
        business_time=from_instant(fields["business_time"]),
        withdrawn=fields["withdrawn"],
    )


def to_creation(request: service_pb.CreateIndicatorRequest) -> CreateIndicator:
    """Return the indicator that a request sets."""
    return CreateIndicator(
        pairing_id=parse_uuid("pairings", request.pairing, field="pairing"),
        kind=Kind(pb.Indicator.Kind.Name(request.kind).removeprefix("KIND_")),
        target=request.target,
    )
