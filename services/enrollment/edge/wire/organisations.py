"""Organisations on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from guantong.enrollment.v1 import organisation_pb2 as pb
from guantong.enrollment.v1 import organisation_service_pb2 as service_pb

from chassis.changes import EVERYONE, Encoded
from chassis.etags import etag_of
from chassis.names import name_of
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.create_organisations import CreateOrganisation
from services.enrollment.domain.organisation import Kind, Organisation

COLLECTION = "organisations"
_KINDS = {pb.Organisation.Kind.Value(f"KIND_{each}"): each for each in Kind}


def to_message(fields: Mapping[str, Any]) -> pb.Organisation:
    """Return the resource of a row."""
    return pb.Organisation(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        display_name=fields["display_name"],
        english_name=fields["english_name"],
        raw_names=json.loads(fields["raw_names"]),
        kind=pb.Organisation.Kind.Value(f"KIND_{fields['kind']}"),
        region_code=fields["region_code"],
        school_code=fields["school_code"],
        uscc=fields["uscc"],
        made_up=fields["made_up"],
    )


def encode(organisation: Organisation) -> Encoded:
    """Return the resource as it is stored, for everybody."""
    raw_names = json.dumps(organisation.raw_names)
    message = to_message({**vars(organisation), "raw_names": raw_names})
    return Encoded(message.name, message, (EVERYONE,))


def to_create(request: service_pb.CreateOrganisationRequest) -> CreateOrganisation:
    """Return the organisation that a request registers."""
    return CreateOrganisation(
        new_id=request.organisation_id,
        display_name=to_text(request.display_name, field="display_name"),
        english_name=to_optional_text(request.english_name, field="english_name"),
        raw_names=[
            to_text(name, field=f"raw_names[{index}]")
            for index, name in enumerate(request.raw_names)
        ],
        kind=_KINDS[request.kind],
        region_code=request.region_code,
        school_code=request.school_code,
        uscc=request.uscc,
        made_up=request.made_up,
    )
