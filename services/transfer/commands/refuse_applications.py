"""Records that the exam authority did not admit: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch


@dataclass(frozen=True, kw_only=True)
class RefuseApplication(Target):
    """Records that the exam authority did not admit."""

    sealed_decision_reason: bytes = field(repr=False)


async def refuse_applications(
    tx: db.Transaction, items: Sequence[RefuseApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, batch: TransferBatch, item: RefuseApplication) -> PlaceMove:
        return application.refuse(
            party=caller.organisation, batch=batch, sealed_reason=item.sealed_decision_reason
        )

    return await change_applications(tx, items, rule, caller=caller, moves_places=True)
