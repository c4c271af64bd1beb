"""Withdraws consents (PIPL 15)."""

from collections.abc import Sequence
from datetime import date

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.consent import Consent
from services.enrollment.store import consents


async def withdraw_consents(
    tx: db.Transaction, items: Sequence[Target], *, caller: Caller, today: date
) -> list[Consent | DomainError]:
    """Withdraw those that no rule refuses."""
    loaded = await consents.get_many(tx, [item.id for item in items])

    def withdraw(item: Target) -> Consent:
        consent = loaded.get(item.id)
        if consent is None or caller.organisation not in consent.parties:
            raise ResourceNotFound(name=name_of("consents", item.id))
        check_etag(item.etag, consent.version)
        consent.withdraw(on=today)
        return consent

    results = each(items, withdraw)
    await consents.save_many(tx, done(results))
    return results
