"""Signs cooperations for the caller's organisation, or records what an enterprise has signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.changing import Target
from services.enrollment.commands.cooperating import change_cooperations
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import Organisations


@dataclass(frozen=True, kw_only=True)
class SignCooperation(Target):
    """A signature of the document with this hash."""

    agreement_sha256: str
    # Whose paper a school records; empty: the caller's organisation signs.
    enterprise: str
    paper_sha256: str


async def sign_cooperations(
    tx: db.Transaction, items: Sequence[SignCooperation], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Change those that no rule refuses."""
    party, today = caller.organisation, civil_date(now)

    def change(found: Cooperation, item: SignCooperation, known: Organisations) -> None:
        found.sign(
            party=party,
            enterprise=item.enterprise,
            organisations=known,
            agreement_sha256=item.agreement_sha256,
            paper_sha256=item.paper_sha256,
            today=today,
        )

    return await change_cooperations(tx, items, change, caller=caller)
