"""What the transfer service does when it hears of enrollment's events: event in, command out."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from guantong.common.v1.event_pb2 import Change

from chassis import db
from chassis.effects import Handler
from chassis.standing import note_standing
from services.transfer.commands.change_copies import change_copies
from services.transfer.commands.note_registrations import note_registrations
from services.transfer.edge.wire import copies as wire


def _copying(resource_type: str, to_row: Callable[[Change], dict[str, Any]]) -> Handler:
    async def handle(tx: db.Transaction, change: Change) -> None:
        await change_copies(tx, resource_type, [to_row(change)])

    return handle


async def _note(tx: db.Transaction, change: Change) -> None:
    await note_registrations(tx, [wire.to_note(change)])


async def _organisation(tx: db.Transaction, change: Change) -> None:
    await change_copies(tx, "organisations", [wire.to_organisation(change)])
    await note_standing(tx, wire.to_standing(change))


_project = _copying("pathwayProjects", wire.to_project)
_member = _copying("cohortMembers", wire.to_member)

HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {
    "enrollment": {
        "OrganisationRegistered": _organisation,
        "OrganisationRenamed": _organisation,
        "OrganisationAliasAdded": _organisation,
        "OrganisationRelocated": _organisation,
        "OrganisationReassigned": _organisation,
        "OrganisationBlocked": _organisation,
        "OrganisationUnblocked": _organisation,
        "OrganisationMerged": _organisation,
        "OrganisationSplit": _organisation,
        "OrganisationClosed": _organisation,
        "PathwayProjectDeclared": _project,
        "PathwayProjectApproved": _project,
        "PathwayProjectRecruitmentOpened": _project,
        "PathwayProjectStarted": _project,
        "PathwayProjectStopped": _project,
        "PathwayProjectClosed": _project,
        "PathwayProjectCorrected": _project,
        "MemberEnrolled": _member,
        "MemberRemoved": _member,
        "MemberGraduated": _member,
        "MemberSuspended": _member,
        "MemberResumed": _member,
        "MemberClassAssigned": _member,
        "MemberCorrected": _member,
        # Of another person from then on, sealed with that one's key; applications keep theirs.
        "MemberReassigned": _member,
        "MemberErased": _member,
        "BackStageRegistered": _note,
        "BackStageRefused": _note,
    }
}
