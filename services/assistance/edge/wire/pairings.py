"""Pairings on the wire."""

from collections.abc import Mapping
from typing import Any

from guantong.assistance.v1 import pairing_pb2 as pb
from guantong.assistance.v1 import pairing_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug
from chassis.texts import to_optional_text
from services.assistance.commands.create_pairings import CreatePairing
from services.assistance.domain.pairing import Level, Pairing, Programme

COLLECTION = "pairings"


def to_message(fields: Mapping[str, Any]) -> pb.Pairing:
    """Return the resource of a row."""
    return pb.Pairing(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.Pairing.State.Value(f"STATE_{fields['state']}"),
        level=pb.Pairing.Level.Value(f"LEVEL_{fields['level']}"),
        programme=pb.Pairing.Programme.Value(f"PROGRAMME_{fields['programme']}"),
        helper=name_of("organisations", fields["helper"]),
        receiver=name_of("organisations", fields["receiver"]),
        office=name_of("organisations", fields["office"]),
        agreement_number=fields["agreement_number"],
        begin_date=from_date(fields["begin_date"]),
        made_up=fields["made_up"],
    )


def encode(pairing: Pairing) -> Encoded:
    """Return the resource as it is stored, for its parties."""
    message = to_message(vars(pairing))
    return Encoded(message.name, message, tuple(sorted(pairing.parties)))


def to_creation(request: service_pb.CreatePairingRequest) -> CreatePairing:
    """Return the pairing that a request records."""
    level = pb.Pairing.Level.Name(request.level).removeprefix("LEVEL_")
    programme = pb.Pairing.Programme.Name(request.programme).removeprefix("PROGRAMME_")
    return CreatePairing(
        level=Level(level),
        programme=Programme(programme),
        helper=parse_slug("organisations", request.helper, field="helper"),
        receiver=parse_slug("organisations", request.receiver, field="receiver"),
        agreement_number=to_optional_text(request.agreement_number, field="agreement_number"),
        begin_date=to_date(request.begin_date, field="begin_date"),
        made_up=request.made_up,
    )
