"""What this service knows of an application's registration at a back college: its local copy.

Ids and parties only; whose application it is stays with the services that may know. Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class SchoolPair(NamedTuple):
    """A helping college and the school that it helps, for which registrations are counted."""

    helper: str
    receiver: str


@dataclass(frozen=True, kw_only=True)
class Registration:
    """An application as its last event left it: registered at the back college, or no longer."""

    id: UUID
    version: int
    sha256: bytes
    front: str
    back: str
    is_registered: bool
    # The event that says so: what an indicator shows as evidence.
    event_id: UUID
    event_type: str
    source: str
    position: int
    business_time: datetime

    @property
    def schools(self) -> SchoolPair:
        """Whose indicators count it: the back college helps the front school."""
        return SchoolPair(helper=self.back, receiver=self.front)
