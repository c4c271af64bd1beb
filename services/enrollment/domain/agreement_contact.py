"""Who speaks for a school about an agreement: a fact beside the terms, changed without approval."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContact:
    """A person to speak to, sealed with a key of its own: `subject_id` is whom the key is of."""

    subject_id: UUID
    sealed_display_name: bytes
    sealed_phone: bytes
    post: str


@dataclass(kw_only=True)
class AgreementContact(Aggregate):
    """The contact of one side; both sides see it."""

    id: UUID
    agreement_id: UUID
    front: str
    back: str
    party: str
    subject_id: UUID
    sealed_display_name: bytes
    sealed_phone: bytes
    post: str

    @classmethod
    def name(
        cls, contact: SealedContact, *, new_id: UUID, agreement: CooperationAgreement, party: str
    ) -> Self:
        """Name the first contact of a side."""
        named = cls(
            id=new_id,
            agreement_id=agreement.id,
            front=agreement.front,
            back=agreement.back,
            party=party,
            subject_id=contact.subject_id,
            sealed_display_name=contact.sealed_display_name,
            sealed_phone=contact.sealed_phone,
            post=contact.post,
        )
        named._happened(Event.AGREEMENT_CONTACT_NAMED)
        return named

    def replace(self, contact: SealedContact) -> None:
        """Name another person, or the same with another number: a key of its own again."""
        self.subject_id = contact.subject_id
        self.sealed_display_name = contact.sealed_display_name
        self.sealed_phone = contact.sealed_phone
        self.post = contact.post
        self._happened(Event.AGREEMENT_CONTACT_NAMED)
