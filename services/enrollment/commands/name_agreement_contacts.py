"""Names who speaks for a side of an agreement; terms and approvals stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import done, each, visible_by_id
from services.enrollment.domain.agreement_contact import AgreementContact, SealedContact
from services.enrollment.store import agreement_contacts, cooperation_agreements


@dataclass(frozen=True, kw_only=True)
class NameAgreementContact:
    """A contact to name; sealed before the transaction (see seal_contact)."""

    agreement_id: UUID
    contact: SealedContact


async def name_agreement_contacts(
    tx: db.Transaction, items: Sequence[NameAgreementContact], *, caller: Caller
) -> list[AgreementContact | DomainError]:
    """Name those that no rule refuses; the lock of the agreement keeps one a side."""
    ids = [item.agreement_id for item in items]
    agreements = await cooperation_agreements.get_many(tx, ids)
    contacts = await agreement_contacts.get_of_agreements(tx, ids)
    party = caller.organisation

    def name(item: NameAgreementContact) -> AgreementContact:
        agreement = visible_by_id(
            agreements, item.agreement_id, caller, collection="cooperationAgreements"
        )
        known = contacts.get((agreement.id, party))
        if known is not None:
            known.replace(item.contact)
            return known
        named = AgreementContact.name(
            item.contact, new_id=new_id(), agreement=agreement, party=party
        )
        contacts[agreement.id, party] = named
        return named

    results = each(items, name)
    await agreement_contacts.write_many(tx, done(results))
    return results
