"""Drafts cooperations as one of their schools, colleges or bureaus."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.agreement_terms import Document
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_parts import Agreement, Entrant, Grade, Kind
from services.enrollment.store import cooperations, organisations


@dataclass(frozen=True, kw_only=True)
class DraftCooperation:
    """A cooperation to draft."""

    kind: Kind
    display_name: str
    entrants: tuple[Entrant, ...]
    agreement: Agreement | None = None
    documents: tuple[Document, ...] = ()
    class_name: str = ""
    student_count: int = 0
    grade: Grade | None = None


async def draft_cooperations(
    tx: db.Transaction, items: Sequence[DraftCooperation], *, caller: Caller, now: datetime
) -> list[Cooperation | DomainError]:
    """Draft those that no rule refuses."""
    ids = {entrant.organisation for item in items for entrant in item.entrants}
    known = await organisations.find_many(tx, list(ids))

    def draft(item: DraftCooperation) -> Cooperation:
        return Cooperation.draft(
            new_id=new_id(),
            **vars(item),
            organisations=known,
            party=caller.organisation,
            today=civil_date(now),
        )

    results = each(items, draft)
    await cooperations.add_many(tx, done(results))
    return results
