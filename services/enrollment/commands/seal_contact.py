"""Seals who speaks for a side, before a transaction begins, with a data key of its own.

A key that no contact uses, because the command was refused, is of use to nobody and harmless.
"""

from dataclasses import dataclass, field

from chassis.ids import new_id
from chassis.keys import KeyStore
from chassis.sealed import Sealer
from services.enrollment.domain.agreement_contact import SealedContact


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """Who speaks for a side, in clear; `repr` shows no personal value."""

    display_name: str = field(repr=False)
    phone: str = field(repr=False)
    post: str


async def seal_contact(keys: KeyStore, details: ContactDetails) -> SealedContact:
    """Return the contact sealed with a new key."""
    subject_id = new_id()
    key = (await keys.create_many([subject_id]))[subject_id]
    return SealedContact(
        subject_id=subject_id,
        sealed_display_name=Sealer.seal(key, subject_id, "display_name", details.display_name),
        sealed_phone=Sealer.seal(key, subject_id, "phone", details.phone),
        post=details.post,
    )
