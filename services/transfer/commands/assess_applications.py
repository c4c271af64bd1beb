"""Records results of the assessment: one command for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_applications
from services.transfer.domain.application import Application
from services.transfer.domain.scheme import Mark
from services.transfer.domain.transfer_batch import TransferBatch


@dataclass(frozen=True, kw_only=True)
class AssessApplication(Target):
    """Records results of the assessment."""

    marks: tuple[Mark, ...]
    absent: bool
    exempt: bool
    sealed_exemption_ground: bytes = field(repr=False)


async def assess_applications(
    tx: db.Transaction, items: Sequence[AssessApplication], *, caller: Caller
) -> list[Application | DomainError]:
    """Change the applications that no rule refuses; return each or its refusal."""

    def rule(application: Application, batch: TransferBatch, item: AssessApplication) -> None:
        application.assess(
            party=caller.organisation,
            batch=batch,
            marks=item.marks,
            absent=item.absent,
            exempt=item.exempt,
            sealed_exemption_ground=item.sealed_exemption_ground,
        )

    return await change_applications(tx, items, rule, caller=caller)
