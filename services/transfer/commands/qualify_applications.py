"""Finds confirmed applicants qualified: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError, NotYetKnown
from chassis.identity import Caller
from chassis.names import name_of
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import copies


@dataclass(frozen=True, kw_only=True)
class QualifyApplication(Target):
    """Finds confirmed applicants qualified."""


async def qualify_applications(
    tx: db.Transaction, items: Sequence[QualifyApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Qualify those whom no rule refuses, by the roster as it is known here now."""
    members = await copies.find_members_of(tx, [item.id for item in items])

    def rule(application: Application, batch: TransferBatch, _item: QualifyApplication) -> None:
        member = members.get(application.member_id)
        if member is None:
            raise NotYetKnown(name=name_of("cohortMembers", application.member_id))
        application.qualify(party=caller.organisation, batch=batch, member=member)

    return await change_applications(tx, items, rule, caller=caller)
