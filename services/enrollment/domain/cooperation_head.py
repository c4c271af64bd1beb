"""Who heads a cooperation for a party, or one of its bodies: a fact that needs no signature."""

from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.agreement_contact import SealedContact
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_parts import BodyKind
from services.enrollment.domain.cooperation_refusals import PartyNotEntitled
from services.enrollment.domain.events import Event


@dataclass(kw_only=True)
class CooperationHead(Aggregate):
    """The head of a party's part, or of a body that the party heads; all parties see it."""

    id: UUID
    cooperation_id: UUID
    party: str
    # None: of the party's own part.
    body: BodyKind | None
    subject_id: UUID
    sealed_display_name: bytes
    sealed_phone: bytes
    post: str
    # Who hears of it.
    parties: list[str] = field(default_factory=list)

    @classmethod
    def name(
        cls,
        contact: SealedContact,
        *,
        new_id: UUID,
        cooperation: Cooperation,
        party: str,
        body: BodyKind | None,
    ) -> Self:
        """Name the first head of a part."""
        head = cls(
            id=new_id,
            cooperation_id=cooperation.id,
            party=party,
            body=body,
            subject_id=contact.subject_id,
            sealed_display_name=contact.sealed_display_name,
            sealed_phone=contact.sealed_phone,
            post=contact.post,
            parties=cooperation.audience,
        )
        head._happened(Event.COOPERATION_HEAD_NAMED)
        return head

    def replace(self, contact: SealedContact, *, cooperation: Cooperation) -> None:
        """Name another person, or the same with another number: a key of its own again."""
        self.subject_id = contact.subject_id
        self.sealed_display_name = contact.sealed_display_name
        self.sealed_phone = contact.sealed_phone
        self.post = contact.post
        self.parties = cooperation.audience
        self._happened(Event.COOPERATION_HEAD_NAMED)


def check_may_name(cooperation: Cooperation, *, party: str, body: BodyKind | None) -> None:
    """Raise PartyNotEntitled unless the party takes part, and heads the body that is asked for."""
    if cooperation.find_party(party) is None:
        raise PartyNotEntitled(party=party, problem="a present party")
    heads = {each.kind: each.head_organisation for each in cooperation.bodies}
    if body is not None and heads.get(body) != party:
        raise PartyNotEntitled(party=party, problem="the party that heads the body")
