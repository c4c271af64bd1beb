"""Names who heads a party's part of a cooperation, or a body; nothing is signed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import done, each
from services.enrollment.commands.cooperating import visible_cooperation
from services.enrollment.domain.agreement_contact import SealedContact
from services.enrollment.domain.cooperation_head import CooperationHead, check_may_name
from services.enrollment.domain.cooperation_parts import BodyKind
from services.enrollment.store import cooperation_heads, cooperations


@dataclass(frozen=True, kw_only=True)
class NameCooperationHead:
    """A head to name; sealed before the transaction (see seal_contact)."""

    cooperation_id: UUID
    body: BodyKind | None
    contact: SealedContact


async def name_cooperation_heads(
    tx: db.Transaction, items: Sequence[NameCooperationHead], *, caller: Caller
) -> list[CooperationHead | DomainError]:
    """Name those that no rule refuses; the lock of the cooperation keeps one a part."""
    ids = [item.cooperation_id for item in items]
    loaded = await cooperations.get_many(tx, ids)
    heads = await cooperation_heads.get_of_cooperations(tx, ids)
    party = caller.organisation

    def name(item: NameCooperationHead) -> CooperationHead:
        cooperation = visible_cooperation(loaded, item.cooperation_id, caller)
        check_may_name(cooperation, party=party, body=item.body)
        known = heads.get((cooperation.id, party, item.body))
        if known is not None:
            known.replace(item.contact, cooperation=cooperation)
            return known
        named = CooperationHead.name(
            item.contact, new_id=new_id(), cooperation=cooperation, party=party, body=item.body
        )
        heads[cooperation.id, party, item.body] = named
        return named

    results = each(items, name)
    await cooperation_heads.write_many(tx, done(results))
    return results
