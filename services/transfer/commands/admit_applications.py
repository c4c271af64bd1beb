"""Admits proposed applicants: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch
from services.transfer.store import applications


@dataclass(frozen=True, kw_only=True)
class AdmitApplication(Target):
    """Admits proposed applicants."""


async def admit_applications(
    tx: db.Transaction, items: Sequence[AdmitApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Admit those whom no rule refuses; one live admission a person and year (SD17).

    An admission of the same person that another call makes meanwhile is found by the table's
    unique index, which runs this again.
    """
    live = await applications.find_live_admissions_of(tx, [item.id for item in items])

    def rule(application: Application, batch: TransferBatch, _item: AdmitApplication) -> PlaceMove:
        key = (application.person_id, application.transfer_year)
        move = application.admit(
            party=caller.organisation, batch=batch, has_live_admission=key in live
        )
        live.add(key)
        return move

    return await change_applications(tx, items, rule, caller=caller, moves_places=True)
