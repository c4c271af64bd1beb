"""What the assistance service does when it hears of others' events: event in, command out."""

from collections.abc import Mapping
from typing import Final

from guantong.common.v1.event_pb2 import Change

from chassis import db
from chassis.effects import Handler
from chassis.standing import note_standing
from services.assistance.commands.change_copies import change_copies
from services.assistance.commands.count_registrations import count_registrations
from services.assistance.edge.wire import copies as wire


async def _copy_organisation(tx: db.Transaction, change: Change) -> None:
    await change_copies(tx, [wire.to_organisation(change)])
    await note_standing(tx, wire.to_standing(change))


async def _count(tx: db.Transaction, change: Change) -> None:
    await count_registrations(tx, [wire.to_registration(change)])


HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {
    "enrollment": {
        "OrganisationRegistered": _copy_organisation,
        "OrganisationRenamed": _copy_organisation,
        "OrganisationAliasAdded": _copy_organisation,
        "OrganisationRelocated": _copy_organisation,
        "OrganisationReassigned": _copy_organisation,
        "OrganisationBlocked": _copy_organisation,
        "OrganisationUnblocked": _copy_organisation,
        "OrganisationMerged": _copy_organisation,
        "OrganisationSplit": _copy_organisation,
        "OrganisationClosed": _copy_organisation,
    },
    "transfer": {
        "ApplicationRegistered": _count,
        "ApplicationCancelled": _count,
        # After a cancellation: the copy follows to the last version.
        "ApplicationDiverted": _count,
    },
}
