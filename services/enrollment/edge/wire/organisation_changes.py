"""Changes of organisations on the wire: requests become what the commands take."""

from guantong.enrollment.v1 import organisation_service_pb2 as pb

from chassis.civil import to_date, to_date_or_none
from chassis.names import parse_slug
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.add_organisation_aliases import AddOrganisationAlias
from services.enrollment.commands.block_organisations import BlockOrganisation
from services.enrollment.commands.close_organisations import CloseOrganisation
from services.enrollment.commands.merge_organisations import MergeOrganisation
from services.enrollment.commands.reassign_organisations import ReassignOrganisation
from services.enrollment.commands.relocate_organisations import RelocateOrganisation
from services.enrollment.commands.rename_organisations import RenameOrganisation
from services.enrollment.commands.split_organisations import SplitOrganisation
from services.enrollment.commands.unblock_organisations import UnblockOrganisation
from services.enrollment.domain.organisation_parts import DatedName, NameKind, Succession
from services.enrollment.edge.wire.organisations import (
    COLLECTION,
    optional_slug,
    to_superiors,
)


def to_rename(request: pb.RenameOrganisationRequest) -> RenameOrganisation:
    """Return the new name that a request gives."""
    return RenameOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        display_name=to_text(request.display_name, field="display_name"),
        english_name=to_optional_text(request.english_name, field="english_name"),
        effective_date=to_date(request.effective_date, field="effective_date"),
    )


def to_alias(request: pb.AddOrganisationAliasRequest) -> AddOrganisationAlias:
    """Return the alias that a request adds."""
    return AddOrganisationAlias(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        alias=DatedName(
            text=to_text(request.alias, field="alias"),
            kind=NameKind.ALIAS,
            valid_from_date=to_date_or_none(request, "valid_from_date"),
            valid_to_date=to_date_or_none(request, "valid_to_date"),
        ),
    )


def to_relocate(request: pb.RelocateOrganisationRequest) -> RelocateOrganisation:
    """Return the region and zone that a request records."""
    return RelocateOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        region_code=request.region_code,
        zone=optional_slug(request.zone, field="zone"),
        effective_date=to_date(request.effective_date, field="effective_date"),
    )


def to_reassign(request: pb.ReassignOrganisationRequest) -> ReassignOrganisation:
    """Return the superiors that a request records."""
    return ReassignOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        reports_to=to_superiors(request.reports_to),
    )


def to_merge(request: pb.MergeOrganisationRequest) -> MergeOrganisation:
    """Return the merger that a request records."""
    return MergeOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        successor=parse_slug(COLLECTION, request.successor, field="successor"),
        effective_date=to_date(request.effective_date, field="effective_date"),
    )


def to_split(request: pb.SplitOrganisationRequest) -> SplitOrganisation:
    """Return the split that a request records."""
    effective_date = to_date(request.effective_date, field="effective_date")
    return SplitOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        links=[
            Succession(
                organisation=parse_slug(
                    COLLECTION, part.organisation, field=f"parts[{index}].organisation"
                ),
                effective_date=effective_date,
                major_codes=tuple(part.major_codes),
            )
            for index, part in enumerate(request.parts)
        ],
        continues=request.continues,
    )


def to_close(request: pb.CloseOrganisationRequest) -> CloseOrganisation:
    """Return the end that a request records."""
    return CloseOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        keeper=optional_slug(request.keeper, field="keeper"),
        effective_date=to_date(request.effective_date, field="effective_date"),
    )


def to_block(request: pb.BlockOrganisationRequest) -> BlockOrganisation:
    """Return the block that a request records."""
    return BlockOrganisation(
        id=parse_slug(COLLECTION, request.name),
        etag=request.etag,
        block_reason=to_text(request.block_reason, field="block_reason"),
    )


def to_unblock(request: pb.UnblockOrganisationRequest) -> UnblockOrganisation:
    """Return the organisation that a request unblocks."""
    return UnblockOrganisation(id=parse_slug(COLLECTION, request.name), etag=request.etag)
