"""Organisations on the wire."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from guantong.enrollment.v1 import organisation_pb2 as pb
from guantong.enrollment.v1 import organisation_service_pb2 as service_pb

from chassis.changes import EVERYONE, Encoded
from chassis.civil import from_date, to_date_or_none
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug, parse_slug_or_none
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.create_organisations import CreateOrganisation
from services.enrollment.domain.codes import higher_education_code
from services.enrollment.domain.organisation import HIGHER_EDUCATION, Kind, Organisation
from services.enrollment.domain.organisation_names import normalise
from services.enrollment.store.organisations import to_row

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
        state=pb.Organisation.State.Value(f"STATE_{fields['state']}"),
        block_reason=fields["block_reason"],
        established_date=from_date(fields["established_date"]),
        end_date=from_date(fields["end_date"]),
        end_kind=pb.Organisation.EndKind.Value(f"END_KIND_{fields['end_kind'] or 'UNSPECIFIED'}"),
        successors=map(_succession, json.loads(fields["successors"])),
        names=map(_dated_name, json.loads(fields["names"])),
        regions=map(_dated_region, json.loads(fields["regions"])),
        zone=name_of(COLLECTION, fields["zone"] or None),
        reports_to=[name_of(COLLECTION, each) for each in json.loads(fields["reports_to"])],
        higher_education_code=(
            higher_education_code(fields["school_code"])
            if fields["kind"] in HIGHER_EDUCATION
            else ""
        ),
    )


def encode(organisation: Organisation) -> Encoded:
    """Return the resource as it is stored, for everybody."""
    message = to_message(to_row(organisation))
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
        region_date=to_date_or_none(request, "region_date"),
        zone=optional_slug(request.zone, field="zone"),
        reports_to=to_superiors(request.reports_to),
        established_date=to_date_or_none(request, "established_date"),
    )


def to_filters(request: service_pb.ListOrganisationsRequest) -> dict[str, Any]:
    """Return what a list is filtered by beside the enums; None for no filter.

    What is looked for is turned into the form in which names are kept for that; if nothing is
    left of it, it is in every name.
    """
    return {
        "region_code": request.region_code or None,
        "name_contains": normalise(request.name_contains) or None,
        "at_date": to_date_or_none(request, "at_date"),
        "reports_to": parse_slug_or_none(COLLECTION, request.reports_to, field="reports_to"),
    }


def to_superiors(names: Any) -> list[str]:
    """Return the ids of organisations that one reports to."""
    return [
        parse_slug(COLLECTION, name, field=f"reports_to[{index}]")
        for index, name in enumerate(names)
    ]


def optional_slug(name: str, *, field: str) -> str:
    """Return the id in a name; empty where it is."""
    return parse_slug_or_none(COLLECTION, name, field=field) or ""


def _succession(link: Mapping[str, Any]) -> pb.Organisation.Succession:
    return pb.Organisation.Succession(
        organisation=name_of(COLLECTION, link["organisation"]),
        effective_date=_date(link["effective_date"]),
        major_codes=link["major_codes"],
    )


def _dated_name(name: Mapping[str, Any]) -> pb.Organisation.DatedName:
    return pb.Organisation.DatedName(
        text=name["text"],
        kind=pb.Organisation.DatedName.Kind.Value(f"KIND_{name['kind']}"),
        valid_from_date=_date(name["valid_from_date"]),
        valid_to_date=_date(name["valid_to_date"]),
    )


def _dated_region(region: Mapping[str, Any]) -> pb.Organisation.DatedRegion:
    return pb.Organisation.DatedRegion(
        region_code=region["region_code"],
        valid_from_date=_date(region["valid_from_date"]),
        valid_to_date=_date(region["valid_to_date"]),
    )


def _date(text: str | None) -> Any:
    return from_date(date.fromisoformat(text) if text else None)
